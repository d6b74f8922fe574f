// One stream of all changes for every page that wants to hear of them.

const listeners = new Set();
let source = null;
let state = "off";
let onState = () => {};

/** `{timeline(line), progress(told)}`, both optional; returns how to stop listening. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function start(stateChanged) {
  onState = stateChanged;
  stop();
  source = new EventSource("/api/events");
  source.addEventListener("open", () => tell("live"));
  source.addEventListener("error", () => tell(source.readyState === EventSource.CLOSED ? "off" : "waiting"));
  for (const name of ["timeline", "progress"]) {
    source.addEventListener(name, (event) => {
      const told = JSON.parse(event.data);
      for (const listener of listeners) listener[name]?.(told);
    });
  }
}

export function stop() {
  source?.close();
  source = null;
  tell("off");
}

function tell(next) {
  if (next === state) return;
  state = next;
  onState(state);
}
