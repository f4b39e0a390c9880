/** The studio's API: JSON in and out, the token in every call, every refusal an ApiError with its hint. */

const KEPT = "svcfx-studio-token";

export class ApiError extends Error {
  constructor(status, error, hint) {
    super(error);
    this.status = status;
    this.hint = hint;
  }
}

/** The token from the address, which then loses it, or of this tab's last visit; "" when there is none. */
export function token() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT) || "";
}

export function keep(given) {
  sessionStorage.setItem(KEPT, given);
}

async function call(path, options = {}) {
  const headers = { ...options.headers, Authorization: `Bearer ${token()}` };
  let answer;
  try {
    answer = await fetch(`/api/${path}`, { ...options, headers });
  } catch {
    throw new ApiError(0, "the studio does not answer", "is svcfx studio still running in its terminal?");
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({ error: `the studio answered ${answer.status}`, hint: "" }));
  throw new ApiError(answer.status, told.error, told.hint);
}

const json = (method, path, body) =>
  call(path, { method, body: JSON.stringify(body ?? {}), headers: { "Content-Type": "application/json" } })
    .then((answer) => answer.json());

export const get = (path) => call(path).then((answer) => answer.json());
export const post = (path, body) => json("POST", path, body);
export const patch = (path, body) => json("PATCH", path, body);
export const remove = (path) => call(path, { method: "DELETE" }).then((answer) => answer.json());
const put = (path, file) => call(`${path}/${encodeURIComponent(file.name)}`, { method: "PUT", body: file }).then((answer) => answer.json());
export const upload = (file) => put("files", file);
export const uploadVoice = (file) => put("voices/files", file);
export const uploadRecording = (file) => put("tasks/recordings", file);
export const uploadTake = (file) => put("trainings/recordings", file);
export const uploadPreset = (file) => put("presets", file);
export const sound = (path) => call(path).then((answer) => answer.arrayBuffer());
export const strip = (name) => `strips/${encodeURIComponent(name)}`;
