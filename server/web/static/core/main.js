// What every page runs.

import * as actions from "./actions.js";
import * as keyboard from "./keyboard.js";
import * as live from "./live.js";
import * as palette from "./palette.js";

actions.start();
keyboard.start();
palette.start();
live.start();
