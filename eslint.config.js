import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["assets/**/*.js", "eslint.config.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: { ...globals.browser, Plotly: "readonly" } },
    rules: {
      "complexity": ["error", 16],
      "eqeqeq": ["error", "always", { null: "ignore" }],
      "max-len": ["error", { code: 160, ignoreTemplateLiterals: true }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
