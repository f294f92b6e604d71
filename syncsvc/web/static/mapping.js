// The mapping editor: what somebody opened stays open while the page follows what she types.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  htmx.registerExtension("stay-open", {
    htmx_before_morph_attr: (element, change) =>
      !(element instanceof HTMLDetailsElement && change.attrName === "open" && change.newValue === null),
  });
});
