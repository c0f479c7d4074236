// A list of rows kept in step with what they show: a row is made again only when what it depends on is another.

const shown = new WeakMap();

/** Show rows `{ key, deps, render }` in this order; what stays keeps its element, its focus and its sound. */
export function showRows(container, rows) {
  const before = shown.get(container) ?? new Map();
  const now = new Map(rows.map((row) => [row.key, keepOrMake(before.get(row.key), row)]));
  for (const [key, entry] of before) if (now.get(key)?.node !== entry.node) entry.node.remove();
  let place = container.firstElementChild;
  for (const { node } of now.values()) {
    if (node === place) place = place.nextElementSibling;
    else container.insertBefore(node, place);
  }
  for (const [key, entry] of now) restoreFocus(before.get(key), entry);
  shown.set(container, now);
}

function keepOrMake(entry, row) {
  if (entry && entry.deps.length === row.deps.length && entry.deps.every((dep, n) => dep === row.deps[n])) {
    return { ...entry, focused: null };
  }
  const focused = entry?.node.contains(document.activeElement) ? (document.activeElement.dataset.focus ?? null) : null;
  return { node: row.render(), deps: row.deps, focused };
}

function restoreFocus(before, now) {
  if (!before || before.node === now.node || !now.focused) return;
  const wanted =
    now.node.dataset.focus === now.focused ? now.node : now.node.querySelector(`[data-focus="${now.focused}"]`);
  wanted?.focus({ preventScroll: true });
}
