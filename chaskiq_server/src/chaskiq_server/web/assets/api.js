// The REST API as the page uses it: requests with the token, answers as JSON, and refusals as sentences.

const ROOT = "/api/v1";

/** The server refused; the message is the problem's own sentence. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Nobody knows whether the server heard it: it can be asked again. */
export class NotReached extends Error {}

/** Requests on behalf of a token; `onSignedOut` is called when it is good for nothing any more. */
export function createApi(token, { onSignedOut }) {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };

  async function request(method, path, { body, query } = {}) {
    const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value)).toString();
    const response = await reach(`${ROOT}${path}${search && `?${search}`}`, {
      method,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return understand(response.status, await read(response));
  }

  function understand(status, text) {
    if (status >= 200 && status < 300) return parse(text);
    if (status === 401) onSignedOut();
    if (status >= 500) throw new NotReached(sentenceOf(text) ?? "the server can't do this now");
    throw new Refused(status, sentenceOf(text) ?? `the server answered ${status}`);
  }

  /** Upload a file with XMLHttpRequest: `fetch` tells nothing of the progress. */
  function upload(path, file, onProgress) {
    const sending = new XMLHttpRequest();
    const done = new Promise((resolve, reject) => {
      sending.open("POST", `${ROOT}${path}`);
      for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
      sending.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      sending.onload = () => {
        try {
          resolve(understand(sending.status, sending.responseText));
        } catch (error) {
          reject(error);
        }
      };
      sending.onerror = () => reject(new NotReached("the server can't be reached"));
      sending.onabort = () => reject(new DOMException("stopped", "AbortError"));
      const form = new FormData();
      form.append("file", file, file.name);
      sending.send(form);
    });
    return { done, stop: () => sending.abort() };
  }

  return {
    get: (path, query) => request("GET", path, { query }),
    post: (path, body) => request("POST", path, { body }),
    patch: (path, body) => request("PATCH", path, { body }),
    remove: (path) => request("DELETE", path),
    upload,
  };
}

async function reach(url, options) {
  try {
    return await fetch(url, { ...options, cache: "no-store", credentials: "omit" });
  } catch {
    throw new NotReached("the server can't be reached");
  }
}

async function read(response) {
  try {
    return await response.text();
  } catch {
    throw new NotReached("the connection broke off");
  }
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function sentenceOf(text) {
  const detail = parse(text)?.detail;
  return typeof detail === "string" && detail ? detail : null;
}
