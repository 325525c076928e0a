"use strict";
(() => {
  const table = document.getElementById("models");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const pressed = new Set();

  const words = rows.map((row) => row.textContent.toLowerCase());
  const show = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = (!pressed.size || pressed.has(row.dataset.status)) && wanted.every((word) => words[index].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} models`;
  };
  filter.addEventListener("input", show);

  document.querySelectorAll(".counts [data-status]").forEach((chip) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = chip.className;
    button.textContent = chip.textContent;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const status = chip.dataset.status;
      if (!pressed.delete(status)) pressed.add(status);
      button.setAttribute("aria-pressed", String(pressed.has(status)));
      show();
    });
    chip.replaceWith(button);
  });

  const heads = Array.from(table.tHead.rows[0].cells);
  // What is not known comes last in either order.
  const sort = (column, number, order) => {
    const value = new Map(rows.map((row) => [row, row.cells[column].dataset.value]));
    const compare = (a, b) => {
      const [x, y] = [value.get(a), value.get(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      return order * (number ? Number(x) - Number(y) : x.localeCompare(y, "en"));
    };
    body.append(...rows.slice().sort(compare));
  };
  heads.forEach((head, column) => {
    const last = column === heads.length - 1;
    const number = head.classList.contains("number") || last;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const first = number ? "descending" : "ascending";
      const other = number ? "ascending" : "descending";
      const next = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", next);
      sort(column, number, next === "ascending" ? 1 : -1);
    });
    head.replaceChildren(button);
  });

  document.querySelector(".tools").hidden = false;
  show();
})();
