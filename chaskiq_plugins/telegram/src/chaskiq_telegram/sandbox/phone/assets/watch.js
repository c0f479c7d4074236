// Keeps up to date: asks for what changed, waits, asks again; survives a sandbox that goes and comes.

const WAIT_SECONDS = 25;
const LONGEST_PAUSE_MS = 8000;
const FIRST_PAUSE_MS = 400;

/** Call `onNews` with every answer and `onState` with true or false as the connection comes and goes; returns a stop. */
export function watch(api, chatId, onNews, onState) {
  const stop = new AbortController();
  run(api, chatId, onNews, onState, stop.signal);
  return () => stop.abort();
}

async function run(api, chatId, onNews, onState, signal) {
  let since = 0;
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const news = await api.changes(chatId, since, since ? WAIT_SECONDS : 0, signal);
      if (signal.aborted) return;
      since = news.change;
      pause = FIRST_PAUSE_MS;
      onState(true);
      onNews(news);
    } catch (error) {
      if (signal.aborted) return;
      onState(false);
      await new Promise((done) => {
        setTimeout(done, pause);
        addEventListener("online", done, { once: true });
      });
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
