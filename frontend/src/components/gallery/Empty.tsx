import { filter } from "../../state/examples";
import { isSettled, NO_CHOICE } from "../../state/filter";
import { predictionRun } from "../../state/predictions";
import { navigate } from "../../state/url";
import { Button } from "../Button";

/** No example matches: said at once, with the way back. */
export function Empty() {
  const waiting = predictionRun.value?.state === "running" && !isSettled(filter.value);
  return (
    <div class="centered">
      <div class="empty">
        <h2>No example matches</h2>
        <p class="muted">
          {waiting
            ? "Predictions are still being computed, so matches may yet come."
            : "Take one of the choices above away, or all of them."}
        </p>
        {filter.value.own && (
          <p class="muted">
            To make an example of your own, open one in Explain, change it under What if, and run
            the change.
          </p>
        )}
        <Button onClick={() => navigate(NO_CHOICE)}>Clear all filters</Button>
      </div>
    </div>
  );
}
