import { changed, problems } from "../../state/draft";
import { run } from "../../state/explain";

/** Fields that have no place of their own for a sentence. */
const ELSEWHERE = ["features", "layer", "neuron", "target", "examples", "method.id"];

/** What the server refuses about the form as a whole, before anyone runs it. */
export function FormProblems() {
  const told = run.value?.state === "failed" && !changed.value;
  const sentences = told ? [] : ELSEWHERE.flatMap((field) => problems.value[field] ?? []);
  if (!sentences.length) return null;
  return (
    <p class="form-problems" role="alert">
      {sentences.join(" ")}
    </p>
  );
}
