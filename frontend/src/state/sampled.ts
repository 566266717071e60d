// The columns of Compare measured over the subsample instead of on one example.

import { computed, type ReadonlySignal } from "@preact/signals";
import { type Column, columns, kind } from "./compare";
import { type Survey, type SurveyRequest, settled, surveyOf } from "./survey";
import { drawnExamples } from "./trust";
import { query } from "./url";

/** Whether the person asked for it. */
export const sampledOpen: ReadonlySignal<boolean> = computed(() => query.value.over === "sample");

/** Columns that can be measured on any example: those of attributions to the inputs. */
export const sampledColumns: ReadonlySignal<readonly Column[]> = computed(() =>
  kind.value === "examples"
    ? []
    : columns.value.filter(({ request }) => request !== null && !request.layer),
);

/** What is measured. The check of random weights is left to Trust. */
export const sampledRequest = settled(
  computed<SurveyRequest | null>(() => {
    const examples = drawnExamples.value;
    const asked = sampledColumns.value.flatMap(({ request }) => {
      if (!request) return [];
      const { examples: _one, ...column } = request;
      return [column];
    });
    return sampledOpen.value && examples && asked.length
      ? { examples, columns: asked, checked: 0 }
      : null;
  }),
);

export const sampled: ReadonlySignal<Survey | null> = computed(() =>
  sampledRequest.value ? surveyOf(sampledRequest.value).value : null,
);
