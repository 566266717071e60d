import { integer } from "../../lib/format";
import { facets, filter } from "../../state/examples";
import { navigate } from "../../state/url";
import { Segmented } from "../Segmented";

type Choice = "all" | "true" | "false";

/** All examples, those the model gets right, or those it gets wrong. */
export function Outcome() {
  const counts = facets.value.value?.correct ?? [];
  const count = (value: boolean) => counts.find((entry) => entry.value === value)?.count ?? 0;
  const all = counts.reduce((sum, entry) => sum + entry.count, 0);
  const { correct } = filter.value;
  const option = (id: Choice, word: string, number: number) => ({
    id,
    title: (
      <>
        {word} <span class="num">{integer(number)}</span>
      </>
    ),
  });
  return (
    <section class="facet-group outcome" aria-label="Outcome">
      <h3>Outcome</h3>
      <Segmented<Choice>
        label="Outcome"
        value={correct === null ? "all" : correct ? "true" : "false"}
        options={[
          option("all", "All", all),
          option("true", "Right", count(true)),
          option("false", "Wrong", count(false)),
        ]}
        onChange={(value) => navigate({ correct: value === "all" ? null : value })}
      />
    </section>
  );
}
