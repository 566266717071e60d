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
  for (const [name, handle] of Object.entries(on)) {
    source.addEventListener(name, (event) => {
      if (last.includes(name)) source.close();
      handle(JSON.parse((event as MessageEvent<string>).data));
    });
  }
  source.onerror = () => lost?.(source.readyState === EventSource.CLOSED);
  return () => source.close();
}
