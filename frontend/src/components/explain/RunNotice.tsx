import { integer } from "../../lib/format";
import { type Board, layers, type MethodInfo } from "../../state/board";
import { problems } from "../../state/draft";
import { method, run, runAgain, settings } from "../../state/explain";
import { reasonAgainst } from "../../state/settings";
import { Button } from "../Button";
import { Hint, Notice } from "../Notice";

/** What the server cannot use as it is, it cannot use a second time either. */
const REFUSED = 422;

/** Why there is nothing to see, where there is nothing to see, and what mends it. */
export function RunNotice({ board }: { board: Board }) {
  const current = run.value;
  if (method.value === null) return <UnknownMethod board={board} />;
  const reason = reasonAgainst(method.value, layers.value);
  if (reason !== null) {
    return (
      <Hint>
        {method.value.title} cannot run here: {reason}
      </Hint>
    );
  }
  if (current === null) return <InvalidSettings />;
  if (current.state === "failed" && current.error) {
    const { error } = current;
    return <Notice error={error} retry={error.status === REFUSED ? undefined : runAgain} />;
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
  const reason = (known: MethodInfo) => reasonAgainst(known, layers.value);
  if (board.methods.every((known) => reason(known) !== null)) {
    const reasons = board.methods.map((known) => `${known.title}: ${reason(known)}`);
    return <Hint>No method can run on this model. {reasons.join(" ")}</Hint>;
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
