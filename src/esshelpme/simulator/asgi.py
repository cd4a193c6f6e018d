"""What granian runs (``esshelpme.simulator.asgi:application``): the simulator, set up by its environment."""

from __future__ import annotations

from esshelpme.simulator.app import Simulator
from esshelpme.simulator.config import SimulatorConfig

application = Simulator(SimulatorConfig.from_environment())
