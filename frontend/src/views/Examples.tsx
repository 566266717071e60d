import { Dialog } from "../components/Dialog";
import { Empty } from "../components/gallery/Empty";
import { Grid } from "../components/gallery/Grid";
import { Sidebar } from "../components/gallery/Sidebar";
import { Toolbar } from "../components/gallery/Toolbar";
import { Notice } from "../components/Notice";
import type { Board } from "../state/board";
import { examples, retryExamples } from "../state/examples";
import { drawerOpen } from "../state/gallery";
import { narrow } from "../state/screen";

/** Which examples should I look at? */
export function Examples({ board }: { board: Board }) {
  return (
    <div class="examples">
      {!narrow.value && (
        <aside aria-label="Filters">
          <Sidebar board={board} />
        </aside>
      )}
      <section class="examples-main" aria-label="Examples">
        <Toolbar board={board} narrow={narrow.value} />
        <List board={board} />
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

function List({ board }: { board: Board }) {
  const { error, stale, total, items } = examples.value;
  if (error && stale)
    return (
      <div class="centered">
        <Notice error={error} retry={retryExamples} />
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
