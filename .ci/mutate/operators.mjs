// The mutants of a source file. A mutant is one small change of the text that a test should notice.
import ts from "typescript";
import { withScriptUrls } from "../script_urls.mjs";

/** What each operator changes at a syntax node. A score counts for this very list. */
const operators = {
  boundary: swapOperator({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" }),
  equality: swapOperator({ "===": "!==", "!==": "===", "==": "!=", "!=": "==" }),
  arithmetic: swapOperator({ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" }),
  bitwise: swapOperator({ "&": "|", "|": "&", "<<": ">>", ">>": "<<" }),
  logical: swapOperator({ "&&": "||", "||": "&&" }),
  assignment: swapOperator({ "+=": "-=", "-=": "+=" }),

  /** `a ?? b` to `a`. */
  fallback(node) {
    if (!ts.isBinaryExpression(node) || operatorOf(node) !== "??") return [];
    return [replace(node, node.left.getText())];
  },

  step(node) {
    if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return [];
    const swapped = {
      [ts.SyntaxKind.PlusPlusToken]: "--",
      [ts.SyntaxKind.MinusMinusToken]: "++",
    }[node.operator];
    if (swapped === undefined) return [];
    const operand = node.operand.getText();
    return [
      replace(node, ts.isPrefixUnaryExpression(node) ? swapped + operand : operand + swapped),
    ];
  },

  /** `!a` to `a`. */
  not(node) {
    const isNot = ts.isPrefixUnaryExpression(node) &&
      node.operator === ts.SyntaxKind.ExclamationToken;
    return isNot ? [replace(node, node.operand.getText())] : [];
  },

  boolean(node) {
    if (node.kind === ts.SyntaxKind.TrueKeyword) return [replace(node, "false", inContext(node))];
    if (node.kind === ts.SyntaxKind.FalseKeyword) return [replace(node, "true", inContext(node))];
    return [];
  },

  /** `n` to `n + 1`. */
  number(node) {
    if (!ts.isNumericLiteral(node) || node.parent.name === node) return [];
    return [replace(node, String(Number(node.text) + 1), inContext(node))];
  },

  "if true": (node) => isOpenIf(node) ? [replace(node.expression, "true")] : [],

  "if false"(node) {
    // Without an effect of the condition, this is what the removed guard is.
    if (!isOpenIf(node) || returnOfGuard(node) === node.thenStatement) return [];
    return [replace(node.expression, "false")];
  },

  /** `if (a) return;` to `if (a) ;`. */
  guard(node) {
    const leave = returnOfGuard(node);
    return leave === undefined ? [] : [replace(leave, ";", node)];
  },

  /** `a ? b : c` to `a ? c : b`. */
  branches(node) {
    if (!ts.isConditionalExpression(node)) return [];
    const [yes, no] = [node.whenTrue.getText(), node.whenFalse.getText()];
    return [replace(node, `${node.condition.getText()} ? ${no} : ${yes}`)];
  },

  /** `f();` to nothing. */
  call(node) {
    if (!ts.isExpressionStatement(node)) return [];
    let { expression } = node;
    while (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) {
      expression = expression.expression;
    }
    const isCall = ts.isCallExpression(expression) &&
      expression.expression.kind !== ts.SyntaxKind.SuperKeyword;
    return isCall ? [replace(node, ";")] : [];
  },
};

export const operatorNames = Object.keys(operators);

/** A change: what stands at `node` becomes `text`. It is shown as a change of `shown`. */
function replace(node, text, shown = node) {
  return { node, text, shown };
}

function operatorOf(node) {
  return node.operatorToken.getText();
}

function swapOperator(pairs) {
  return (node) => {
    if (!ts.isBinaryExpression(node)) return [];
    const swapped = pairs[operatorOf(node)];
    // Texts are labels, and joining them is no arithmetic.
    if (swapped === undefined || isText(node.left) || isText(node.right)) return [];
    const changed = `${node.left.getText()} ${swapped} ${node.right.getText()}`;
    // What was one operand stays one, though the new operator may bind less than the old.
    const binds = swapped === "||" || swapped === "|";
    return [replace(node, binds && ts.isBinaryExpression(node.parent) ? `(${changed})` : changed)];
  };
}

function isText(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right));
}

/** An `if` whose condition is not a literal. */
function isOpenIf(node) {
  return ts.isIfStatement(node) && node.expression.kind !== ts.SyntaxKind.TrueKeyword &&
    node.expression.kind !== ts.SyntaxKind.FalseKeyword;
}

/** The `return` with which the branch of an `if` without `else` ends. */
function returnOfGuard(node) {
  if (!ts.isIfStatement(node) || node.elseStatement !== undefined) return undefined;
  const { thenStatement } = node;
  const last = ts.isBlock(thenStatement) ? thenStatement.statements.at(-1) : thenStatement;
  return last !== undefined && ts.isReturnStatement(last) ? last : undefined;
}

/** A literal alone says little, so it is shown with what is around it. */
function inContext(node) {
  const text = node.parent.getText();
  return text.length <= 80 && !text.includes("\n") ? node.parent : node;
}

/** Types, imports and the arguments of a thrown error have no mutants. */
function isLeftAlone(node) {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) || ts.isNewExpression(node) && ts.isThrowStatement(node.parent);
}

function parse(file, text) {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function ancestors(node) {
  const found = [];
  for (let at = node; at !== undefined; at = at.parent) found.push(at);
  return found;
}

/** The name of the function around a node, with those around that: `Slot.#start.hear`. */
function functionAround(node) {
  const names = ancestors(node).flatMap((at) => {
    if (ts.isConstructorDeclaration(at)) return ["constructor"];
    const isNamed = ts.isClassLike(at) || ts.isPropertyDeclaration(at) ||
      ts.isFunctionLike(at);
    if (isNamed && at.name !== undefined) return [at.name.getText()];
    const isHeld = ts.isFunctionLike(at) &&
      (ts.isVariableDeclaration(at.parent) || ts.isPropertyAssignment(at.parent));
    return isHeld ? [at.parent.name.getText()] : [];
  });
  return names.reverse().join(".") || "(module)";
}

/** Where the body of the function around a node begins; 0 outside of functions. */
function bodyAround(node) {
  const around = ancestors(node).find((at) =>
    ts.isFunctionLike(at) && at.body !== undefined && ts.isBlock(at.body)
  );
  return around?.body.getStart() ?? 0;
}

const oneLine = (text) => text.replace(/\s+/g, " ");

/**
 * All mutants of a file, in the order of its text: where each is, what it changes, and the `text`
 * of the file with that change. `nth` tells those apart that are alike in all but their place.
 */
export function mutantsOf(file, text) {
  const source = parse(file, text);
  const found = new Map();
  const counts = new Map();

  function add(operator, { node, text: replacement, shown }) {
    const [start, end] = [node.getStart(), node.getEnd()];
    const mutated = text.slice(0, start) + replacement + text.slice(end);
    if (found.has(mutated)) return;
    const before = oneLine(shown.getText());
    const after = oneLine(
      text.slice(shown.getStart(), start) + replacement + text.slice(end, shown.getEnd()),
    );
    const where = functionAround(node);
    const key = [file, where, operator, before].join("\n");
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    const body = bodyAround(node);
    const mutant = { file, line, operator, function: where, before, after, nth, body };
    found.set(mutated, { ...mutant, text: mutated });
  }

  function visit(node) {
    if (isLeftAlone(node)) return;
    for (const [operator, changesAt] of Object.entries(operators)) {
      for (const change of changesAt(node)) add(operator, change);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return [...found.values()];
}

/** The text with the code `report(body)` at the start of the module and of each function body. */
export function withReports(file, text, report) {
  const bodies = [];
  function visit(node) {
    if (ts.isFunctionLike(node) && node.body !== undefined && ts.isBlock(node.body)) {
      bodies.push(node.body.getStart());
    }
    ts.forEachChild(node, visit);
  }
  visit(parse(file, text));
  let reported = text;
  for (const body of bodies.sort((a, b) => b - a)) {
    reported = `${reported.slice(0, body + 1)}${report(body)};${reported.slice(body + 1)}`;
  }
  return `${report(0)};${reported}`;
}

/** The JavaScript that the build makes of a source text. */
export function emit(file, text) {
  const { outputText, diagnostics } = ts.transpileModule(text, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  if (diagnostics.length > 0) {
    const [{ messageText }] = diagnostics;
    throw new SyntaxError(`${file}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  }
  return withScriptUrls(outputText);
}
