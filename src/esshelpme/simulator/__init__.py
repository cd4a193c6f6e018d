"""Our LINE: an official account, its API, and the phones of people who talk to it.

An ASGI application of its own process (``esshelpme.simulator.asgi:application``); the web process passes
``/sim/…`` on to it (``proxy.SimulatorProxy``). It reaches the program only as LINE would: by signed webhooks.

**LINE's API**, at the root, for the API host and the data host alike: reply, push, multicast, broadcast,
narrowcast and ``validate/*``; profile; content, preview, transcoding; rich menus with pictures, default, per
person, bulk, aliases; quota, consumption, delivery counts; bot info; webhook endpoint set, get, test;
markAsRead; loading; link tokens; groups. Messages are checked as strictly as LINE checks them
(``validation``); one leniency: URLs of pictures and webhooks may be ``http`` on this machine.

**The phones' API**, JSON, below ``/sim/api``; errors are ``{"message"}`` with 400, 404 or 422.

- ``POST people`` ``{id?, name, language, role, unit?, friend?, listed?}``: registers or renames;
  ``{people: […]}``: several at once
- ``GET people``, ``GET people/ID``: all; one, with ``rich_menu_shown``
- ``GET people/ID/messages``: ``items``, oldest first, of ``{id, by, at_ms, body, via, silent, removed, …}``;
  ``by`` is ``bot`` or the user id, ``body`` LINE's message object
- ``GET people/ID/calls``, ``GET calls?limit=``: the engineers' log
- ``POST people/ID/say`` ``{text}``: writes
- ``POST people/ID/tap`` ``{data}`` or ``{label}``, ``params?``: taps the newest such button
- ``POST people/ID/location`` ``{lat, lng, title?, address?}``: sends a pin
- ``POST people/ID/photo`` ``{sample: door, street or room}``, ``…/voice`` ``{duration_ms}``: sends a sample;
  these and ``…/video``, ``…/file`` also take a file's bytes as the body
- ``POST people/ID/sticker``, ``…/unsend`` ``{message}``: sends one; takes a message back
- ``POST people/ID/follow``, ``…/block``: adds or unblocks; blocks
- ``GET/POST faults``: the switches of ``faults.py``
- ``POST account`` ``{quota}``: monthly allowance, null for none
- ``POST clock`` ``{advance}``: LINE's clock, by seconds
- ``GET scenarios``, ``POST scenarios/CODE/play`` ``{language?, pace?}``, ``POST scenarios/stop``: stories
- ``GET/POST groups`` ``{id, name, members}``: group chats (API only; no phone shows them)
- ``GET stream``: server-sent events: ``message``, ``person``, ``faults``, ``play``, ``reset``, …
- ``POST reset``: empties all chats; keeps registered officers and rich menus

**Hooks** for browser tests (``data-testid``): ``phone`` (``data-role`` citizen or responder,
``data-person``) holds ``person-select``, ``person-new``, ``phone-add``, ``chat``, ``bubble``
(``data-message-id``, ``data-by``, ``data-type``, ``data-removed``), ``flex-button``, ``flex-action``,
``quick-reply`` and ``rich-menu-area`` (each ``data-data``, ``data-action``), ``rich-menu-toggle``,
``keyboard``, ``text-input``, ``send``, ``attach``, ``attach-location``, ``location-send``,
``location-preset``, ``peek``, ``follow``, ``unblock``, ``phone-menu``, ``block``, ``unsend``,
``open-log``, ``ringing``; beside them ``story-CODE``, ``play-caption`` (``data-state``), ``play-stop``,
``feed``, ``faults-open``, ``fault-NAME``, ``faults-clear``, ``reset``, ``reset-yes``, ``lang-th``,
``lang-en``, ``console-link``, ``report-link``, ``console-frame``, ``tab-reporter``, ``tab-middle``,
``tab-responder``.

**Environment**: ``ESS_SIM_WEBHOOK_URL`` (default ``http://127.0.0.1:{ESS_PORT or 8000}/line/webhook``),
``ESS_SIM_CHANNEL_SECRET``, ``ESS_SIM_ACCESS_TOKEN``, ``ESS_SIM_ACCOUNT_NAME``, ``ESS_LINE_BASIC_ID``; state
in ``ESS_DATA_DIR/simulator``. Tests and benchmarks: ``client.py``.
"""
