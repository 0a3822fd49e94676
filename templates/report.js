"use strict";
// The vocabulary as a table that can be searched and sorted, 50 words at a time. What is shown is only ever text.
(() => {
  const PAGE = 50;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("words-json").textContent);
  const number = new Intl.NumberFormat("en");
  const folded = data.words.map((word) => word.toLowerCase());
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  const columns = [
    { title: "Id", values: data.ids, first: 1, isId: true },
    { title: "Word", values: data.words, first: 1, isWord: true },
  ];
  for (const split of data.splits) {
    columns.push({ title: "Images of " + split.name, values: split.images, first: -1 });
    columns.push({ title: "Occurrences in " + split.name, values: split.occurrences, first: -1 });
  }

  let sorted = data.ids.map((_, place) => place);
  let found = sorted;
  let sortColumn = null;
  let direction = 1;
  let start = 0;

  function sort() {
    const values = columns[sortColumn].values;
    sorted.sort((a, b) => direction * compare(values[a], values[b]) || a - b);
  }

  function search() {
    const wanted = byId("search").value.trim().toLowerCase();
    found = wanted === "" ? sorted : sorted.filter((place) => folded[place].includes(wanted));
    start = 0;
    show();
  }

  function cell(column, place) {
    const cell = document.createElement(column.isWord ? "th" : "td");
    if (column.isWord) {
      cell.scope = "row";
      cell.textContent = column.values[place];
    } else {
      cell.className = "n";
      cell.textContent = column.isId ? column.values[place] : number.format(column.values[place]);
    }
    return cell;
  }

  function show() {
    const rows = found.slice(start, start + PAGE).map((place) => {
      const row = document.createElement("tr");
      row.append(...columns.map((column) => cell(column, place)));
      return row;
    });
    byId("rows").replaceChildren(...rows);
    const end = Math.min(start + PAGE, found.length);
    byId("found").textContent = number.format(found.length) + (found.length === 1 ? " word" : " words");
    byId("place").textContent = found.length === 0 ? "" : number.format(start + 1) + "–" + number.format(end) + " of " + number.format(found.length);
    byId("previous").disabled = start === 0;
    byId("next").disabled = end === found.length;
    columns.forEach((column, i) => {
      const order = i !== sortColumn ? "none" : direction > 0 ? "ascending" : "descending";
      column.heading.setAttribute("aria-sort", order);
    });
  }

  function sortBy(i) {
    direction = sortColumn === i ? -direction : columns[i].first;
    sortColumn = i;
    sort();
    search();
  }

  columns.forEach((column, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = column.title;
    button.addEventListener("click", () => sortBy(i));
    column.heading = document.createElement("th");
    column.heading.scope = "col";
    if (!column.isWord) column.heading.className = "n";
    column.heading.append(button);
    byId("columns").append(column.heading);
  });
  byId("search").addEventListener("input", search);
  byId("previous").addEventListener("click", () => { start = Math.max(0, start - PAGE); show(); });
  byId("next").addEventListener("click", () => { start += PAGE; show(); });
  byId("table").hidden = false;
  sortBy(columns.length > 2 ? 2 : 1);
})();
