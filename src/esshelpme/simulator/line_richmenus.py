"""LINE's rich menu endpoints: create, picture, default, per person, aliases."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from esshelpme.simulator import ids
from esshelpme.simulator.pictures import image_size
from esshelpme.simulator.validation import check_rich_menu
from esshelpme.simulator.validation.messages import refusal_of
from esshelpme.simulator.web import Request, Response, json_response
from esshelpme.simulator.world import Content, RichMenu, World, facts

Handler = Callable[..., Awaitable[Response] | Response]
MAX_IMAGE = 1024 * 1024
MAX_MENUS = 1000
MAX_BULK = 500
_ALIAS = re.compile(r"[a-z0-9_-]{1,32}\Z")


class RichMenuEndpoints:
    """Rich menus of the account."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> dict[tuple[str, str], Handler]:
        """The fixed paths answered here."""
        return {
            ("POST", "/v2/bot/richmenu"): self._create,
            ("POST", "/v2/bot/richmenu/validate"): self._validate,
            ("GET", "/v2/bot/richmenu/list"): self._list,
            ("GET", "/v2/bot/user/all/richmenu"): self._default,
            ("DELETE", "/v2/bot/user/all/richmenu"): self._clear_default,
            ("POST", "/v2/bot/richmenu/alias"): self._create_alias,
            ("GET", "/v2/bot/richmenu/alias/list"): self._list_aliases,
            ("POST", "/v2/bot/richmenu/bulk/link"): self._bulk_link,
            ("POST", "/v2/bot/richmenu/bulk/unlink"): self._bulk_unlink,
        }

    def patterns(self) -> list[tuple[str, str, Handler]]:
        """The paths with an id in them."""
        return [
            ("GET", r"/v2/bot/richmenu/alias/([^/]+)", self._alias),
            ("POST", r"/v2/bot/richmenu/alias/([^/]+)", self._change_alias),
            ("DELETE", r"/v2/bot/richmenu/alias/([^/]+)", self._delete_alias),
            ("POST", r"/v2/bot/richmenu/([^/]+)/content", self._upload),
            ("GET", r"/v2/bot/richmenu/([^/]+)/content", self._download),
            ("GET", r"/v2/bot/richmenu/([^/]+)", self._get),
            ("DELETE", r"/v2/bot/richmenu/([^/]+)", self._delete),
            ("POST", r"/v2/bot/user/all/richmenu/([^/]+)", self._set_default),
            ("POST", r"/v2/bot/user/([^/]+)/richmenu/([^/]+)", self._link),
            ("GET", r"/v2/bot/user/([^/]+)/richmenu", self._linked),
            ("DELETE", r"/v2/bot/user/([^/]+)/richmenu", self._unlink),
        ]

    def _validate(self, request: Request, *, request_id: str) -> Response:
        found = check_rich_menu(request.json())
        return json_response(refusal_of(found).as_json(), status=400) if found else json_response({})

    def _create(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        found = check_rich_menu(body)
        if found:
            return json_response(refusal_of(found).as_json(), status=400)
        if len(self.world.rich_menus) >= MAX_MENUS:
            return _refuse(400, "The maximum number of rich menus has been reached")
        menu = RichMenu(id="richmenu-" + ids.new_user_id()[1:], body=body)
        self._save(menu)
        return json_response({"richMenuId": menu.id})

    def _save(self, menu: RichMenu) -> None:
        self.world.rich_menus[menu.id] = menu
        self.world.store.put("richmenu", menu.id, facts(menu))

    def _upload(self, request: Request, menu_id: str, *, request_id: str) -> Response:
        menu = self.world.rich_menus.get(menu_id)
        if menu is None:
            return _not_found()
        if menu.image_type:
            return _refuse(400, "An image has already been uploaded to the richmenu")
        kind = request.headers.get("content-type", "").split(";")[0].strip()
        refusal = _bad_image(kind, request.body, menu.body["size"])
        if refusal is not None:
            return refusal
        menu.image_type = kind
        self.world.contents[f"richmenu:{menu_id}"] = Content(kind, request.body)
        self.world.store.put_bytes(menu_id, request.body)
        self._save(menu)
        return json_response({})

    def _download(self, request: Request, menu_id: str, *, request_id: str) -> Response:
        menu = self.world.rich_menus.get(menu_id)
        data = self.world.rich_menu_image(menu_id)
        if menu is None or menu.image_type is None or data is None:
            return _not_found()
        return Response(body=data, content_type=menu.image_type)

    def _get(self, request: Request, menu_id: str, *, request_id: str) -> Response:
        menu = self.world.rich_menus.get(menu_id)
        return _not_found() if menu is None else json_response({"richMenuId": menu.id} | menu.body)

    def _list(self, request: Request, *, request_id: str) -> Response:
        menus = [{"richMenuId": menu.id} | menu.body for menu in self.world.rich_menus.values()]
        return json_response({"richmenus": menus})

    def _delete(self, request: Request, menu_id: str, *, request_id: str) -> Response:
        if self.world.rich_menus.pop(menu_id, None) is None:
            return _not_found()
        self.world.contents.pop(f"richmenu:{menu_id}", None)
        self.world.store.forget("richmenu", menu_id)
        self.world.store.forget_bytes(menu_id)
        if self.world.settings.default_rich_menu == menu_id:
            self.world.settings.default_rich_menu = None
            self.world.save_settings()
        self._tell()
        return json_response({})

    # who sees which ---------------------------------------------------------------------------------------

    def _default(self, request: Request, *, request_id: str) -> Response:
        menu_id = self.world.settings.default_rich_menu
        return (
            _not_found("no default richmenu") if menu_id is None else json_response({"richMenuId": menu_id})
        )

    def _set_default(self, request: Request, menu_id: str, *, request_id: str) -> Response:
        refusal = self._unready(menu_id)
        if refusal is not None:
            return refusal
        self.world.settings.default_rich_menu = menu_id
        self.world.save_settings()
        self._tell()
        return json_response({})

    def _clear_default(self, request: Request, *, request_id: str) -> Response:
        self.world.settings.default_rich_menu = None
        self.world.save_settings()
        self._tell()
        return json_response({})

    def _link(self, request: Request, user_id: str, menu_id: str, *, request_id: str) -> Response:
        refusal = self._unready(menu_id)
        if refusal is not None:
            return refusal
        if not ids.USER_ID.match(user_id):
            return _refuse(400, "The value for the 'userId' parameter is invalid")
        self._give([user_id], menu_id)
        return json_response({})

    def _linked(self, request: Request, user_id: str, *, request_id: str) -> Response:
        person = self.world.people.get(user_id)
        if person is None or person.rich_menu is None:
            return _not_found("the user has no richmenu")
        return json_response({"richMenuId": person.rich_menu})

    def _unlink(self, request: Request, user_id: str, *, request_id: str) -> Response:
        self._give([user_id], None)
        return json_response({})

    def _bulk_link(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        refusal = self._unready(str(body.get("richMenuId"))) or _bad_list(body)
        if refusal is not None:
            return refusal
        self._give(body["userIds"], body["richMenuId"])
        return json_response({}, status=202)

    def _bulk_unlink(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        refusal = _bad_list(body)
        if refusal is not None:
            return refusal
        self._give(body["userIds"], None)
        return json_response({}, status=202)

    def _give(self, user_ids: list[str], menu_id: str | None) -> None:
        for user_id in user_ids:
            person = self.world.person(user_id)
            # LINE takes the call for people who are no friends and changes nothing.
            if person is not None and person.friend and not person.blocked:
                person.rich_menu = menu_id
                self.world.save_person(person)

    def _unready(self, menu_id: str) -> Response | None:
        menu = self.world.rich_menus.get(menu_id)
        if menu is None:
            return _not_found("richmenu not found")
        if menu.image_type is None:
            return _refuse(400, "must upload richmenu image before applying it to user")
        return None

    def _tell(self) -> None:
        self.world.tell({"type": "richmenu"})

    # aliases ----------------------------------------------------------------------------------------------

    def _create_alias(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        alias, menu_id = body.get("richMenuAliasId"), body.get("richMenuId")
        if not isinstance(alias, str) or not _ALIAS.match(alias):
            return _refuse(400, "The value for the 'richMenuAliasId' is invalid")
        if alias in self.world.aliases:
            return _refuse(400, "conflict richmenu alias id")
        return self._point(alias, menu_id)

    def _change_alias(self, request: Request, alias: str, *, request_id: str) -> Response:
        if alias not in self.world.aliases:
            return _not_found("richmenu alias not found")
        return self._point(alias, request.json().get("richMenuId"))

    def _point(self, alias: str, menu_id: Any) -> Response:
        menu = self.world.rich_menus.get(menu_id) if isinstance(menu_id, str) else None
        if menu is None or menu.image_type is None:
            return _refuse(400, "richmenu not found")
        self.world.aliases[alias] = menu.id
        self.world.store.put("alias", alias, menu.id)
        return json_response({})

    def _alias(self, request: Request, alias: str, *, request_id: str) -> Response:
        menu_id = self.world.aliases.get(alias)
        if menu_id is None:
            return _not_found("richmenu alias not found")
        return json_response({"richMenuAliasId": alias, "richMenuId": menu_id})

    def _delete_alias(self, request: Request, alias: str, *, request_id: str) -> Response:
        if self.world.aliases.pop(alias, None) is None:
            return _not_found("richmenu alias not found")
        self.world.store.forget("alias", alias)
        return json_response({})

    def _list_aliases(self, request: Request, *, request_id: str) -> Response:
        aliases = [
            {"richMenuAliasId": alias, "richMenuId": menu} for alias, menu in self.world.aliases.items()
        ]
        return json_response({"aliases": aliases})


def _bad_image(kind: str, data: bytes, wanted: dict[str, int]) -> Response | None:
    if kind not in ("image/png", "image/jpeg"):
        return _refuse(415, f"The content type, {kind}, is not supported")
    if len(data) > MAX_IMAGE:
        return _refuse(413, "The image is larger than 1 MB")
    size = image_size(data)
    if size is None or kind != size.type:
        return _refuse(400, "Invalid image")
    if (size.width, size.height) != (wanted["width"], wanted["height"]):
        return _refuse(400, "The image size does not match the size of the rich menu")
    return None


def _bad_list(body: dict[str, Any]) -> Response | None:
    user_ids = body.get("userIds")
    if not isinstance(user_ids, list) or not 1 <= len(user_ids) <= MAX_BULK:
        return _refuse(400, f"Size must be between 1 and {MAX_BULK}")
    return None


def _refuse(status: int, message: str) -> Response:
    return json_response({"message": message}, status=status)


def _not_found(message: str = "Not found") -> Response:
    return _refuse(404, message)
