// Something that changes, and who wants to know.

/** `tell` calls every listener once, soon; several tells in one go are one. */
export function createSignal() {
  const listeners = new Set();
  let told = false;
  return {
    /** Call it after each change, until the returned function is called. */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** It has changed. */
    tell() {
      if (told) return;
      told = true;
      queueMicrotask(() => {
        told = false;
        for (const listener of [...listeners]) listener();
      });
    },
  };
}
