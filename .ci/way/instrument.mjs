// Rewrites a TypeScript source so that each of its functions tells the recorder when it is entered and
// left. What it does stays the same.
import ts from "typescript";
import { withScriptUrls } from "../script_urls.mjs";

const FRAME = "way$frame";

/**
 * Gives the source as JavaScript. Its functions are added to `functions`; their place there is what the
 * recorder gets. `recorder` is the URL of that module.
 */
export function instrument({ path, text }, functions, recorder, compilerOptions) {
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: { ...compilerOptions, module: ts.ModuleKind.ESNext },
    transformers: { before: [(context) => (file) => rewrite(file, path, functions, context)] },
  });
  return `import * as way$ from ${JSON.stringify(recorder)};\n${withScriptUrls(outputText)}`;
}

function rewrite(file, path, functions, context) {
  const { factory } = context;
  const frame = factory.createIdentifier(FRAME);
  /** Functions around the node that is visited. */
  let depth = 0;

  const tell = (method, ...args) =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier("way$"), method),
      undefined,
      args,
    );
  const enter = (node) => {
    functions.push(describe(node, path, file));
    return tell("enter", factory.createNumericLiteral(functions.length - 1));
  };
  const leaveAtEnd = (statements, frame) =>
    factory.createTryStatement(
      factory.createBlock(statements, true),
      undefined,
      factory.createBlock([factory.createExpressionStatement(tell("leave", frame))]),
    );
  const declare = (name, value, flags) =>
    factory.createVariableStatement(
      undefined,
      factory.createVariableDeclarationList([
        factory.createVariableDeclaration(name, undefined, undefined, value),
      ], flags),
    );

  function visit(node) {
    if (ts.isClassLike(node) && !hasModifier(node, ts.SyntaxKind.DeclareKeyword)) {
      return visitClass(node);
    }
    if (isFunction(node)) {
      const begin = declare(FRAME, enter(node), ts.NodeFlags.Const);
      return withBody(node, (body) => [begin, leaveAtEnd(body, frame)]);
    }
    const inner = ts.visitEachChild(node, visit, context);
    const waits = ts.isAwaitExpression(inner) || ts.isYieldExpression(inner);
    return waits && depth > 0 ? pauseFor(inner) : inner;
  }

  /** `await x` becomes `resume(frame, await pause(frame, x))`. */
  function pauseFor(node) {
    const operand = tell("pause", frame, node.expression ?? factory.createVoidZero());
    const waiting = ts.isAwaitExpression(node)
      ? factory.updateAwaitExpression(node, operand)
      : factory.updateYieldExpression(node, node.asteriskToken, operand);
    return tell("resume", frame, waiting);
  }

  /** The function with what `wrap` makes of its statements. */
  function withBody(node, wrap) {
    depth++;
    const bindings = [];
    const visitPart = (part) => {
      if (ts.isParameter(part)) return visitParameter(part, bindings);
      if (part !== node.body) return visit(part);
      const statements = ts.isBlock(part)
        ? ts.visitNodes(part.statements, visit)
        : [factory.createReturnStatement(ts.visitNode(part, visit))];
      return factory.createBlock(wrap([...bindings, ...statements]), true);
    };
    const rewritten = ts.visitEachChild(node, visitPart, context);
    depth--;
    return rewritten;
  }

  /** Defaults and patterns may call something: that is done in the body, after `enter`. */
  function visitParameter(node, bindings) {
    if (ts.isIdentifier(node.name) && node.initializer === undefined) return node;
    const argument = factory.createIdentifier(`way$argument${bindings.length}`);
    const given = node.initializer === undefined ? argument : factory.createConditionalExpression(
      factory.createStrictEquality(argument, factory.createVoidZero()),
      undefined,
      ts.visitNode(node.initializer, visit),
      undefined,
      argument,
    );
    bindings.push(declare(ts.visitNode(node.name, visit), given, ts.NodeFlags.Let));
    return factory.createParameterDeclaration(undefined, node.dotDotDotToken, argument);
  }

  /**
   * `new X()` is one call, fields included, also where there is no constructor. The fields of a class
   * without a base are set before its constructor begins, so that its first field enters.
   */
  function visitClass(node) {
    const isDerived = node.heritageClauses?.some(isExtends) ?? false;
    const constructor = node.members.find((member) =>
      ts.isConstructorDeclaration(member) && isFunction(member)
    );
    const entering = enter(constructor ?? node);
    const own = factory.createPrivateIdentifier(`#${FRAME}`);
    const wrap = (body) =>
      isDerived
        ? [declare(FRAME, entering, ts.NodeFlags.Const), leaveAtEnd(body, frame)]
        : [leaveAtEnd(body, factory.createPropertyAccessExpression(factory.createThis(), own))];
    const members = node.members.map((member) =>
      member === constructor ? withBody(member, wrap) : ts.visitNode(member, visit)
    );
    if (constructor === undefined) members.push(createConstructor(isDerived, wrap));
    if (!isDerived) {
      members.unshift(
        factory.createPropertyDeclaration(undefined, own, undefined, undefined, entering),
      );
    }
    const update = ts.isClassDeclaration(node) ? "updateClassDeclaration" : "updateClassExpression";
    const { modifiers, name, typeParameters, heritageClauses } = node;
    return factory[update](node, modifiers, name, typeParameters, heritageClauses, members);
  }

  function createConstructor(isDerived, wrap) {
    const given = factory.createIdentifier("given");
    const dots = factory.createToken(ts.SyntaxKind.DotDotDotToken);
    const parameters = isDerived
      ? [factory.createParameterDeclaration(undefined, dots, given)]
      : [];
    const body = isDerived
      ? [factory.createExpressionStatement(factory.createCallExpression(
        factory.createSuper(),
        undefined,
        [factory.createSpreadElement(given)],
      ))]
      : [];
    const block = factory.createBlock(wrap(body), true);
    return factory.createConstructorDeclaration(undefined, parameters, block);
  }

  return ts.visitEachChild(file, visit, context);
}

const hasModifier = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind);
const isExtends = ({ token }) => token === ts.SyntaxKind.ExtendsKeyword;
/** Overloads and types have no body. */
const isFunction = (node) => ts.isFunctionLike(node) && node.body !== undefined;

/** What is told of a function, or of a class without a constructor. */
function describe(node, file, source) {
  const isNew = ts.isClassLike(node) || ts.isConstructorDeclaration(node);
  const place = isNew ? undefined : placeInClass(node);
  return {
    file,
    name: isNew ? `new ${nameOf(node)}` : nameOf(node),
    /** Name in its class, and what that implements; `null` for what is no method. */
    method: place?.name.getText() ?? null,
    interfaces: place === undefined ? [] : interfacesOf(place.parent),
    isAccessor: ts.isAccessor(node),
    lines: ts.isClassLike(node) ? 0 : countLines(node, source),
  };
}

/** The member of a class that a function is; `undefined` if it is none. */
function placeInClass(node) {
  if (ts.isClassLike(node.parent)) return node;
  const isField = ts.isPropertyDeclaration(node.parent) && node.parent.initializer === node;
  return isField ? node.parent : undefined;
}

function interfacesOf({ heritageClauses = [] }) {
  const clauses = heritageClauses.filter((clause) => !isExtends(clause));
  return clauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
}

/** `Class.method`, `get Class.field`, `function`, or whatever holds or contains an anonymous one. */
function nameOf(node) {
  const { parent } = node;
  if (ts.isClassLike(node)) return node.name?.text ?? "(class)";
  if (ts.isConstructorDeclaration(node)) return nameOf(parent);
  const place = placeInClass(node);
  const holder = place ??
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent : node);
  if (holder.name !== undefined) {
    const prefix = ts.isGetAccessor(node) ? "get " : ts.isSetAccessor(node) ? "set " : "";
    const owner = place === undefined ? "" : `${nameOf(place.parent)}.`;
    return prefix + owner + holder.name.getText();
  }
  const outer = ts.findAncestor(parent, (around) => isFunction(around) || ts.isClassLike(around));
  return outer === undefined ? "(callback)" : `${nameOf(outer)} (callback)`;
}

/** Lines with code: no comments, no blank lines. */
function countLines(node, source) {
  const lines = new Set();
  const look = (part) => {
    if (ts.isJSDoc(part)) return;
    const parts = part.getChildren(source);
    if (parts.length > 0) return parts.forEach(look);
    if (part.getWidth(source) === 0) return;
    const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line;
    const last = lineAt(part.getEnd());
    for (let line = lineAt(part.getStart(source)); line <= last; line++) lines.add(line);
  };
  look(node);
  return lines.size;
}
