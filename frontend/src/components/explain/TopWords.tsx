import { useMemo } from "preact/hooks";
import type { Numbers } from "../../lib/safetensors";
import { among } from "../../lib/scale";
import { topWords, type Unit } from "../../lib/words";
import { point, pointedFeature } from "../../state/display";
import { SignedBar } from "./SignedBar";

const ROWS = 10;

interface TopWordsProps {
  input: string;
  units: readonly Unit[];
  values: Numbers;
  unsigned: boolean;
}

/** The words of a text by what all their places come to. */
export function TopWords({ input, units, values, unsigned }: TopWordsProps) {
  const words = useMemo(() => topWords(units, values, ROWS), [units, values]);
  if (words.length < 2) return null;
  const most = Math.max(...words.map(({ sum }) => Math.abs(sum)));
  const centred = words.some(({ sum }) => sum < 0);
  const pointed = pointedFeature.value;
  return (
    <details class="top-words">
      <summary>Top words</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">word</th>
            <th scope="col" class="num">
              times
            </th>
            <th scope="col">
              <span class="hidden-text">strength</span>
            </th>
            <th scope="col" class="num">
              sum
            </th>
          </tr>
        </thead>
        <tbody onPointerLeave={() => point(null)}>
          {words.map(({ word, times, sum, ids }) => (
            <tr
              key={word}
              class={pointed?.input === input && ids.includes(pointed.id) ? "on" : ""}
              onPointerEnter={() => point({ input, id: ids[0] ?? "" })}
            >
              <th scope="row">
                <bdi>{word}</bdi>
              </th>
              <td class="num">{times}</td>
              <td>
                <SignedBar value={sum} most={most} centred={centred} unsigned={unsigned} />
              </td>
              <td class="num">{among(sum, most)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
