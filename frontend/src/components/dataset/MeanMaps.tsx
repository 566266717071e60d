import { useEffect, useRef } from "preact/hooks";
import { drawMean, drawShown } from "../../canvas/mean";
import { count } from "../../lib/format";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { limitAt, percent } from "../../lib/scale";
import { by, type InputOverview, type MeanMap, meanMaps, retryMaps } from "../../state/dataset";
import { dark } from "../../state/theme";
import { Legend } from "../explain/Legend";
import { Notice } from "../Notice";
import { ViewLink } from "../ViewLink";

/** Beyond this percentile colours are full, so that single pixels do not fade all others. */
const CLIP = 99.5;

/** The mean attribution of each class over the mean of its pictures, each in its own scale: means of few are greater. */
export function MeanMaps({ input }: { input: InputOverview }) {
  const { value: arrays, error } = meanMaps.value;
  const groups = [...input.groups].sort((a, b) => b.count - a.count);
  const palette = PALETTES[dark.value ? "dark" : "light"];
  if (error) return <Notice error={error} retry={retryMaps} />;
  return (
    <>
      <p class={input.aligned === false ? "data-caveat" : "muted"}>{alignment(input)}</p>
      <div class="data-maps">
        {groups.map((group) => (
          <figure key={group.maps} class="data-map">
            <div class="data-pair">
              <Canvas
                label={`Mean picture of ${group.name}`}
                array={arrays?.[`${group.maps}/shown`]}
                draw={(canvas, shown) => drawShown(canvas, shown)}
              />
              <Canvas
                label={`Mean attribution of ${group.name}`}
                array={arrays?.[`${group.maps}/attribution`]}
                draw={(canvas, map) =>
                  drawMean(canvas, map, arrays?.[`${group.maps}/shown`], limitOf(map), palette)
                }
              />
            </div>
            <figcaption>
              {group.value === null ? (
                <bdi>{group.name}</bdi>
              ) : (
                <ViewLink to={{ view: null, [by.value]: String(group.value) }} title="Its examples">
                  <bdi>{group.name}</bdi>
                </ViewLink>
              )}{" "}
              <span class="muted num">
                {count(group.count, "example")}
                {kept(group)}
              </span>
            </figcaption>
            <Legend
              palette={palette}
              limit={limitOf(arrays?.[`${group.maps}/attribution`])}
              sign="both"
              strengths="violet"
              short
            />
          </figure>
        ))}
      </div>
    </>
  );
}

function limitOf(map: NumericArray | undefined): number {
  return map ? limitAt(map.data, CLIP) : 0;
}

function kept({ alignment: share }: MeanMap): string {
  return share === null ? "" : `, aligned ${percent(share)}`;
}

function alignment({ aligned }: InputOverview): string {
  if (aligned === null) return "Too few pictures to say whether they are aligned.";
  if (aligned) {
    return "The pictures are aligned: their mean still shows something, so the maps say which parts of it count.";
  }
  return "The pictures are not aligned: things lie elsewhere in each, so their mean shows little. The maps say where in the frame the model finds what counts, not what it is.";
}

interface CanvasProps {
  label: string;
  array: NumericArray | undefined;
  draw: (canvas: HTMLCanvasElement, array: NumericArray) => void;
}

function Canvas({ label, array, draw }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && array) draw(canvas.current, array);
  });
  return <canvas ref={canvas} role="img" aria-label={label} width={1} height={1} />;
}
