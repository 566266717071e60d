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
        <Button onClick={() => navigate(NO_CHOICE)}>Clear all filters</Button>
      </div>
    </div>
  );
}
