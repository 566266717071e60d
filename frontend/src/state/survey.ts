// Several columns measured over a subsample: what it would cost, how far it is, and the table that comes of it.

import type { Signal } from "@preact/signals";
import type { SurveyEstimate, SurveyRequest, SurveyTable } from "../api/types";
import { type Made, settled, type TableState, Tables } from "./tables";

export type { Mean, SurveyRequest, SurveyRow, SurveyTable } from "../api/types";

export type SurveyState = TableState;
export type Survey = Made<SurveyTable, SurveyEstimate>;

const surveys = new Tables<SurveyRequest, SurveyTable, SurveyEstimate>("api/surveys");

export { settled };

export function surveyOf(request: SurveyRequest): Signal<Survey> {
  return surveys.of(request);
}

export function openSurvey(request: SurveyRequest): () => void {
  return surveys.open(request);
}

/** Measures what is left to measure. */
export function startSurvey(request: SurveyRequest): void {
  surveys.start(request);
}

/** What is measured already is kept. */
export function cancelSurvey(request: SurveyRequest): void {
  surveys.cancel(request);
}
