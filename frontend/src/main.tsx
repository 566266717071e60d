import { render } from "preact";
import { App } from "./app";
import { loadBoard } from "./state/board";
import { startExamples } from "./state/examples";
import { startPredictions } from "./state/predictions";
import { startTheme } from "./state/theme";
import { startUrl } from "./state/url";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/controls.css";
import "./styles/examples.css";
import "./styles/explain.css";
import "./styles/compare.css";

startTheme();
startUrl();
startExamples();
startPredictions();
void loadBoard();

const root = document.getElementById("app");
if (root) render(<App />, root);
