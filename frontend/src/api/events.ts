import { address } from "./client";

export interface EventHandlers {
  /** One handler per event name; each is given the event's parsed data. */
  on: Record<string, (data: unknown) => void>;
  /** The names after which the stream is over. */
  last: readonly string[];
  /** The connection broke. The browser reconnects by itself unless `closed`. */
  lost?: (closed: boolean) => void;
}

/** Listens to a stream of server-sent events. Returns what ends it. */
export function listen(path: string, { on, last, lost }: EventHandlers): () => void {
  const source = new EventSource(address(path));
  let over = false;
  for (const [name, handle] of Object.entries(on)) {
    source.addEventListener(name, (event) => {
      over ||= last.includes(name);
      handle(JSON.parse((event as MessageEvent<string>).data));
    });
  }
  source.onerror = () => {
    // After the last event the server hangs up; a browser would then come back, so it is told not to.
    if (over) source.close();
    else lost?.(source.readyState === EventSource.CLOSED);
  };
  return () => source.close();
}
