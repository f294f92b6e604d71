// What pages can do beyond plain forms and links. Everything works without it.
"use strict";
