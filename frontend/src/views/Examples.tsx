import { Dialog } from "../components/Dialog";
import { Confusion } from "../components/gallery/Confusion";
import { Empty } from "../components/gallery/Empty";
import { Grid } from "../components/gallery/Grid";
import { Neighbours } from "../components/gallery/Neighbours";
import { Pins } from "../components/gallery/Pins";
import { SelectionBar } from "../components/gallery/SelectionBar";
import { Sidebar } from "../components/gallery/Sidebar";
import { Toolbar } from "../components/gallery/Toolbar";
import { Notice } from "../components/Notice";
import { OwnExamples } from "../components/whatif/OwnExamples";
import type { Board } from "../state/board";
import { confusionShown, examples, retryExamples } from "../state/examples";
import { NO_CHOICE } from "../state/filter";
import { drawerOpen } from "../state/gallery";
import { near } from "../state/neighbours";
import { narrow } from "../state/screen";
import { navigate } from "../state/url";

/** Which examples should I look at? */
export function Examples({ board }: { board: Board }) {
  return (
    <div class="examples">
      {!narrow.value && (
        <aside aria-label="Filters">
          <Sidebar board={board} />
        </aside>
      )}
      <section class="examples-main" id="examples" tabIndex={-1} aria-label="Examples">
        <Toolbar board={board} narrow={narrow.value} />
        {confusionShown.value && <Confusion />}
        <Pins board={board} />
        {near.value !== null && <Neighbours board={board} index={near.value} />}
        <OwnExamples board={board} />
        <List board={board} />
        <SelectionBar />
      </section>
      {narrow.value && drawerOpen.value && (
        <Dialog
          title="Filters"
          kind="drawer"
          onClose={() => {
            drawerOpen.value = false;
          }}
        >
          <Sidebar board={board} />
        </Dialog>
      )}
    </div>
  );
}

/** The way out of a filter or an order that the server cannot read. */
function clearAll() {
  navigate({ ...NO_CHOICE, sort: null });
}

function List({ board }: { board: Board }) {
  const { error, stale, total, items } = examples.value;
  if (error && stale)
    return (
      <div class="centered">
        {error.status === 422 ? (
          <Notice error={error} mend="Clear all filters" retry={clearAll} />
        ) : (
          <Notice error={error} retry={retryExamples} />
        )}
      </div>
    );
  if (!stale && total === 0) return <Empty />;
  if (stale && items.length === 0) return <div class="grid-scroll" aria-busy="true" />;
  return (
    <>
      <Grid board={board} />
      {error && (
        <div class="list-error">
          <Notice error={error} retry={retryExamples} />
        </div>
      )}
    </>
  );
}
