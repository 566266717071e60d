import { connectionLost, tryAgain } from "../state/live";

/** Said as long as the server does not answer; what is on screen stays. */
export function Lost() {
  if (!connectionLost.value) return null;
  return (
    <div class="lost" role="status">
      The server does not answer. Is it still running in its terminal? The page goes on by itself
      when it is back.
      <button type="button" class="link" onClick={tryAgain}>
        Try now
      </button>
    </div>
  );
}
