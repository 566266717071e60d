import { names } from "../../lib/format";
import type { Board } from "../../state/board";
import { drawnInput, openExample, opening } from "../../state/examples";
import {
  cancelFeatures,
  featureRun,
  featuresStopped,
  type Neighbour,
  neighbours,
  retryNeighbours,
} from "../../state/neighbours";
import { select } from "../../state/selection";
import { href, navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Progress } from "../Progress";
import { Thumbnail } from "../Thumbnail";

const WIDTH = 84;

/** The examples that the model's last layer takes for much the same as one. */
export function Neighbours({ board, index }: { board: Board; index: number }) {
  const { value, error, loading } = neighbours.value;
  const run = featureRun.value;
  return (
    <section class="neighbours" aria-label={`Similar to example ${index}`} aria-busy={loading}>
      <div class="neighbours-head">
        <h2>Similar to example {index}</h2>
        <span class="muted">by the cosine of what the model's last layer is given</span>
        <span class="grow" />
        {value && (
          <Button onClick={() => select([index, ...value.map(({ item }) => item.index)])}>
            Select them
          </Button>
        )}
        <Button
          kind="quiet"
          onClick={() => navigate({ near: null })}
          label="Close similar examples"
        >
          ×
        </Button>
      </div>
      {run && (
        <Progress
          label={
            run.lost
              ? "The connection is lost; trying again"
              : "Reading every example's last layer, once"
          }
          {...run.progress}
          onCancel={cancelFeatures}
        />
      )}
      {loading && !run && !value && <p class="muted">Looking…</p>}
      {error && <Notice error={error} retry={retryNeighbours} />}
      {featuresStopped.value && (
        <p class="muted">
          Stopped. <Button onClick={retryNeighbours}>Start again</Button>
        </p>
      )}
      {value && !run && !error && (
        <ul class="neighbour-list">
          {value.map((one) => (
            <One key={one.item.index} board={board} one={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function One({ board, one: { item, similarity } }: { board: Board; one: Neighbour }) {
  const image = drawnInput(board);
  const said = Object.values(item.texts).find((text) => text !== null);
  const state = item.correct === null ? "open" : item.correct ? "right" : "wrong";
  return (
    <li>
      <a
        href={href(opening(item.index))}
        title={said ?? undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          openExample(item.index);
        }}
      >
        {image && <Thumbnail index={item.index} input={image} width={WIDTH} />}
        {said && <span class="neighbour-text">{said}</span>}
        <span class={`neighbour-name verdict ${state}`}>
          <span class="verdict-name">{names(item.predicted_name) ?? `example ${item.index}`}</span>
          <span class="num muted">{similarity.toFixed(3)}</span>
        </span>
      </a>
    </li>
  );
}
