import { integer } from "../../lib/format";
import type { Board } from "../../state/board";
import { problems } from "../../state/draft";
import { method, run, runAgain, settings } from "../../state/explain";
import { Button } from "../Button";
import { Hint, Notice } from "../Notice";

/** Why there is nothing to see, where there is nothing to see, and what mends it. */
export function RunNotice({ board }: { board: Board }) {
  const current = run.value;
  if (method.value === null) return <UnknownMethod board={board} />;
  if (method.value.unavailable !== null) {
    return (
      <Hint>
        {method.value.title} cannot run here: {method.value.unavailable}
      </Hint>
    );
  }
  if (current === null) return <InvalidSettings />;
  if (current.state === "failed" && current.error) {
    return <Notice error={current.error} retry={runAgain} />;
  }
  if (current.state === "cancelled") {
    return (
      <Hint>
        The computation was cancelled. <Button onClick={runAgain}>Run again</Button>
      </Hint>
    );
  }
  if (current.state === "held") {
    return (
      <Hint>
        This takes {integer(current.passes ?? 0)} passes through the model, so it waits for you.{" "}
        <Button kind="primary" onClick={runAgain}>
          Run it
        </Button>
      </Hint>
    );
  }
  return null;
}

function UnknownMethod({ board }: { board: Board }) {
  const reasons = board.methods.filter(({ unavailable }) => unavailable !== null);
  if (reasons.length === board.methods.length) {
    return (
      <Hint>
        No method can run on this model.{" "}
        {reasons.map(({ title, unavailable }) => `${title}: ${unavailable}`).join(" ")}
      </Hint>
    );
  }
  return (
    <Hint>This board has no method called {settings.value?.method}. Choose another one above.</Hint>
  );
}

function InvalidSettings() {
  const sentences = Object.entries(problems.value);
  if (!sentences.length) return null;
  return (
    <Hint>
      The settings in the address are not valid.{" "}
      {sentences.map(([field, sentence]) => `${field}: ${sentence}`).join(" ")}
    </Hint>
  );
}
