// Draws the Mermaid diagrams, if `mermaid.min.js` lies beside the book: `.ci/pages` puts it there. Otherwise their text
// stays. Nothing is loaded from elsewhere.
"use strict";

(() => {
    const blocks = [...document.querySelectorAll("code.language-mermaid")];
    if (blocks.length === 0) {
        return;
    }
    const script = document.createElement("script");
    script.src = `${path_to_root}mermaid.min.js`;
    script.onload = async () => {
        for (const block of blocks) {
            const diagram = document.createElement("pre");
            diagram.className = "mermaid";
            diagram.textContent = block.textContent;
            block.closest("pre").replaceWith(diagram);
        }
        const isDark = /coal|navy|ayu/.test(document.documentElement.className);
        mermaid.initialize({ startOnLoad: false, theme: isDark ? "dark" : "neutral" });
        await mermaid.run();
        document.documentElement.dataset.diagrams = "drawn";
    };
    document.head.append(script);
})();
