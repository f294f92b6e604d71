// The mapping editor: what somebody opened stays open while the page follows what she types.
"use strict";

document.addEventListener("htmx:before:morph:attr", (event) => {
  if (event.target instanceof HTMLDetailsElement && event.detail.attrName === "open") event.preventDefault();
});
