// What pages gain with script: live values, drawers in place, keys, toasts. Without it every page works.
"use strict";
