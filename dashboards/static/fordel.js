/* What the pages need in the browser: showing what the server sent, reading a chart with the arrow keys, and finding the
place an address names.

Belongs here: behaviour that works on what the server sent. Does not belong here: figures, texts, choices (they are in the address). */
"use strict";
(() => {
  /* The one component that Dash is given (dashboards/markup.py): it asks for its address and shows the HTML it gets. */
  const draw = async (page) => {
    for (const place of page.querySelectorAll(".plot")) {
      const { data, layout, config } = JSON.parse(place.firstChild.textContent);
      place.replaceChildren();
      await Plotly.newPlot(place, data, layout, config);
      fits.observe(place);
    }
  };
  /* A chart is as wide as its place, whatever made the place another width: the window, larger type, high contrast. */
  const fits = new ResizeObserver((places) => places.forEach(({ target }) => {
    if (target.clientWidth !== target.querySelector(".main-svg")?.clientWidth) Plotly.Plots.resize(target);
  }));
  const Page = ({ id, html, setProps }) => {
    const here = React.useRef(null);
    React.useEffect(() => setProps({ pathname: location.pathname, search: location.search }), []);
    React.useEffect(() => { if (html) draw(here.current); }, [html]);
    return React.createElement("div", { id, ref: here, dangerouslySetInnerHTML: { __html: html || "" } });
  };
  window.fordel = { Page };

  /* Dash keeps silent about what could not be fetched, and would leave the page empty: the server's own words are shown instead. */
  const fetched = window.fetch;
  const failed = () => {
    const place = document.getElementById("failed");
    place.textContent = place.dataset.said;
  };
  window.fetch = async (...asked) => {
    try {
      const answer = await fetched(...asked);
      if (!answer.ok) failed();
      return answer;
    } catch (error) {
      failed();
      throw error;
    }
  };

  /* The rows in the order of the chart: a table over time may have the newest first, where its curve has it last. */
  const rowsOf = (chart) => {
    const table = chart.closest("figure").querySelector("table");
    const rows = [...table.querySelectorAll("tbody tr")];
    return table.dataset.order === "newest-first" ? rows.reverse() : rows;
  };
  const places = new WeakMap();

  const read = (chart, place) => {
    const rows = rowsOf(chart);
    if (!rows.length) return;
    const at = Math.max(0, Math.min(rows.length - 1, place));
    places.set(chart, at);
    const head = [...chart.closest("figure").querySelectorAll("thead th")].map((cell) => cell.textContent);
    const cells = [...rows[at].children].map((cell) => cell.textContent);
    const said = cells.slice(1).map((text, i) => `${head[i + 1]} ${text}`).join("; ");
    chart.closest("figure").querySelector("[role=status]").textContent = `${cells[0]}: ${said}`;
  };

  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

  document.addEventListener("keydown", (event) => {
    const chart = event.target instanceof Element && event.target.matches(".chart") ? event.target : null;
    if (!chart || event.altKey || event.ctrlKey || event.metaKey) return;
    const now = places.has(chart) ? places.get(chart) : -1;
    if (event.key in steps) read(chart, now + steps[event.key]);
    else if (event.key === "Home") read(chart, 0);
    else if (event.key === "End") read(chart, Infinity);
    else if (event.key === "Escape") {
      places.delete(chart);
      chart.closest("figure").querySelector("[role=status]").textContent = "";
      chart.blur();
      return;
    } else return;
    event.preventDefault();
  });

  /* The content comes after the page: an address with a place in it is followed once it is there. */
  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const place = id && document.getElementById(id);
    if (!place) return;
    place.querySelectorAll("details").forEach((each) => { each.open = place.matches(".entry") || each.open; });
    place.scrollIntoView();
    if (!place.matches("a, button, input, select, [tabindex]")) place.setAttribute("tabindex", "-1");
    place.focus({ preventScroll: true });
  };
  const watch = new MutationObserver(() => {
    if (!document.querySelector("[data-page]")) return;
    watch.disconnect();
    document.documentElement.classList.add("ready");
    requestAnimationFrame(follow);
  });
  document.addEventListener("DOMContentLoaded", () => watch.observe(document.getElementById("content"), { childList: true, subtree: true }));
})();
