import { integer } from "../../lib/format";
import type { Board } from "../../state/board";
import { drawnInput, openExample } from "../../state/examples";
import {
  column,
  hardlyUsing,
  input,
  measure,
  openHardly,
  retryFigures,
} from "../../state/modalities";
import { Card } from "../gallery/Card";
import { ViewLink } from "../ViewLink";
import { Section } from "./Section";
import { without } from "./words";

const PICTURE = 112;

/** The examples in which the chosen input has next to no say. */
export function Loners({ board }: { board: Board }) {
  const name = input.value;
  const modality = board.inputs.find((entry) => entry.name === name)?.modality;
  const pictures = drawnInput(board)?.picture ?? false;
  return (
    <Section
      title={without(name, modality)}
      note={measure.value === "net" ? `${name} between −10 and 10 %` : `${name} below 10 %`}
      state={hardlyUsing.value}
      retry={retryFigures}
    >
      {({ items, total }) => (
        <>
          <p>
            {total === 0 ? (
              <>None of the computed examples: {name} always counts.</>
            ) : (
              <ViewLink to={openHardly(column.value ?? "")}>
                Show {total === 1 ? "the one example" : `all ${integer(total)}`}
              </ViewLink>
            )}
          </p>
          <div class="mod-cards">
            {items.map((item, position) => (
              <Card
                key={item.index}
                board={board}
                item={item}
                position={position}
                total={total}
                search=""
                width={pictures ? PICTURE : 0}
                active
                onOpen={() => openExample(item.index)}
                onFocus={() => {}}
              />
            ))}
          </div>
        </>
      )}
    </Section>
  );
}
