import ts from 'typescript';

/**
 * Makes generators of a module's functions, mechanically: each yields before every atomic access, and before every access to
 * shared words. Whoever drives them decides after each step which thread goes on, and which goes no further.
 */

/** Where threads can be stopped: at atomic accesses, at stores too, or at everything that is shared. */
export type Grain = 'atomics' | 'stores' | 'all';

/** A module as the body of a function of `exports` and `require`, types gone. */
export function strip(source: string, fileName: string): string {
  const { outputText } = ts.transpileModule(source, {
    fileName,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  return outputText;
}

type Func = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;

function isFunc(node: ts.Node): node is Func {
  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);
}

function nameOf(node: Func): string | undefined {
  if (node.name !== undefined && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name))) return node.name.text;
  const { parent } = node;
  if ((ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) && ts.isIdentifier(parent.name)) return parent.name.text;
  return undefined;
}

/** The last name in what is called. */
function calleeOf({ expression: called }: ts.CallExpression): string | undefined {
  // What is imported is called as `(0, module.name)(…)`.
  const expression = ts.isParenthesizedExpression(called) && ts.isBinaryExpression(called.expression) ? called.expression.right : called;
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return undefined;
}

function isAtomic(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text === 'waitAsync';
  return ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression) && expression.expression.text === 'Atomics';
}

function isWord(node: ts.Node): node is ts.ElementAccessExpression {
  if (!ts.isElementAccessExpression(node)) return false;
  const { expression } = node;
  return (ts.isIdentifier(expression) && expression.text === 'words') || (ts.isPropertyAccessExpression(expression) && expression.name.text === 'words');
}

/** A store of one word, or of a block's bytes. */
function isStore(node: ts.Node): boolean {
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return isChange(node) && isWord(node.operand);
  if (ts.isBinaryExpression(node)) return node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment && isWord(node.left);
  if (!ts.isCallExpression(node) || calleeOf(node) !== 'set') return false;
  const { expression } = node;
  return ts.isPropertyAccessExpression(expression) && ts.isPropertyAccessExpression(expression.expression) && expression.expression.name.text === 'bytes';
}

function isChange({ operator }: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

/** What is stored to is not looked at on its own. */
function isLoad(node: ts.Node): boolean {
  if (!isWord(node)) return false;
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return !isChange(parent);
  return !(isStore(parent) && ts.isBinaryExpression(parent) && parent.left === node);
}

/** All modules together: which functions can come to a place to stop, by their names. */
export class Transformer {
  private readonly grain: Grain;
  private readonly files = new Map<string, ts.SourceFile>();
  private readonly declared = new Set<string>();
  private readonly stopping = new Set<string>();
  private readonly generators = new Set<Func>();

  constructor(modules: ReadonlyMap<string, string>, grain: Grain) {
    this.grain = grain;
    for (const [name, source] of modules) this.files.set(name, ts.createSourceFile(`${name}.js`, source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS));
    const all: Func[] = [];
    const collect = (node: ts.Node): void => {
      if (isFunc(node)) {
        all.push(node);
        const name = nameOf(node);
        if (name !== undefined) this.declared.add(name);
      }
      ts.forEachChild(node, collect);
    };
    for (const file of this.files.values()) collect(file);
    // Until no more follow: who calls one that can stop can stop.
    for (let before = -1; before !== this.generators.size; ) {
      before = this.generators.size;
      for (const func of all) {
        if (this.generators.has(func) || func.body === undefined || !this.stops(func.body)) continue;
        this.generators.add(func);
        const name = nameOf(func);
        if (name !== undefined) this.stopping.add(name);
      }
    }
  }

  private isStop(node: ts.Node): boolean {
    if (isAtomic(node)) return true;
    if (this.grain !== 'atomics' && isStore(node)) return true;
    return this.grain === 'all' && isLoad(node);
  }

  /** A call that may be of a generator: one by name, or of a function that was handed in. */
  private mayStop(node: ts.CallExpression): boolean {
    const name = calleeOf(node);
    if (name === undefined) return true;
    if (this.stopping.has(name)) return true;
    if (ts.isIdentifier(node.expression)) return isHandedIn(node.expression);
    // A function in a field.
    return ts.isPropertyAccessExpression(node.expression) && node.expression.expression.kind === ts.SyntaxKind.ThisKeyword && !this.declared.has(name);
  }

  private stops(body: ts.Node): boolean {
    let found = false;
    const look = (node: ts.Node): void => {
      if (found) return;
      if (isFunc(node)) {
        // One that is called where it stands, by `map`, is part of its caller.
        if (this.generators.has(node) && isMapped(node)) found = true;
        return;
      }
      if (this.isStop(node) || ts.isAwaitExpression(node) || (ts.isCallExpression(node) && this.mayStop(node))) found = true;
      else ts.forEachChild(node, look);
    };
    look(body);
    return found;
  }

  /** The module, with `$t` and the helpers `$map` and `$start`. */
  emit(name: string): string {
    const { transformed } = ts.transform(this.files.get(name)!, [(context) => (root) => this.visitFile(root, context)]);
    return `let $t;\n${ts.createPrinter().printFile(transformed[0]!)}`;
  }

  private visitFile(root: ts.SourceFile, context: ts.TransformationContext): ts.SourceFile {
    const { factory: f } = context;
    const isGenerator = (node: Func): boolean => this.generators.has(node);

    const stopBefore = (expression: ts.Expression, what: string): ts.Expression =>
      f.createParenthesizedExpression(f.createComma(f.createYieldExpression(undefined, f.createStringLiteral(what)), expression));
    const run = (call: ts.Expression): ts.Expression => {
      const t = f.createIdentifier('$t');
      const next = f.createPropertyAccessChain(t, f.createToken(ts.SyntaxKind.QuestionDotToken), 'next');
      const isOne = f.createStrictEquality(f.createTypeOfExpression(f.createParenthesizedExpression(f.createAssignment(t, call))), f.createStringLiteral('object'));
      const check = f.createLogicalAnd(isOne, f.createStrictEquality(f.createTypeOfExpression(next), f.createStringLiteral('function')));
      const goOn = f.createYieldExpression(f.createToken(ts.SyntaxKind.AsteriskToken), t);
      return f.createParenthesizedExpression(f.createConditionalExpression(check, undefined, goOn, undefined, t));
    };

    const visitIn =
      (inside: boolean) =>
      (node: ts.Node): ts.Node => {
        if (isFunc(node)) return visitFunc(node);
        if (ts.isConstructorDeclaration(node) || ts.isAccessor(node)) return ts.visitEachChild(node, visitIn(false), context);
        if (!inside) return ts.visitEachChild(node, visitIn(inside), context);
        if (ts.isAwaitExpression(node)) {
          const awaited = f.createObjectLiteralExpression([f.createPropertyAssignment('awaits', ts.visitNode(node.expression, visitIn(true), ts.isExpression))]);
          return f.createParenthesizedExpression(f.createYieldExpression(undefined, awaited));
        }
        const stops = this.isStop(node);
        const calls = ts.isCallExpression(node) && (isAtomic(node) || this.mayStop(node) || hasMapped(node, isGenerator));
        let made = ts.visitEachChild(node, visitIn(true), context) as ts.Expression;
        if (ts.isCallExpression(node) && hasMapped(node, isGenerator)) {
          const call = made as ts.CallExpression;
          const target = (call.expression as ts.PropertyAccessExpression).expression;
          made = f.createCallExpression(f.createIdentifier('$map'), undefined, [target, ...call.arguments]);
        }
        if (calls) made = run(made);
        return stops ? stopBefore(made, isAtomic(node) ? (calleeOf(node) ?? '') : isStore(node) ? 'changes a word' : 'reads a word') : made;
      };

    const visitFunc = (node: Func): ts.Node => {
      const star = isGenerator(node);
      const inner = ts.visitEachChild(node, visitIn(star), context);
      if (!star) return inner;
      const token = f.createToken(ts.SyntaxKind.AsteriskToken);
      const isAsync = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
      const rest = <T extends ts.ModifierLike>(modifiers: readonly T[] | undefined): T[] => (modifiers ?? []).filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword);
      let body = ts.isBlock(inner.body!) ? inner.body : f.createBlock([f.createReturnStatement(inner.body)]);
      if (isAsync) {
        const own = f.createFunctionExpression(undefined, token, undefined, undefined, [], undefined, body);
        const bound = f.createCallExpression(f.createPropertyAccessExpression(own, 'call'), undefined, [f.createThis()]);
        const started = f.createCallExpression(f.createIdentifier('$start'), undefined, [bound]);
        body = f.createBlock([f.createReturnStatement(f.createYieldExpression(f.createToken(ts.SyntaxKind.AsteriskToken), started))]);
      }
      if (ts.isFunctionDeclaration(inner)) return f.updateFunctionDeclaration(inner, rest(inner.modifiers), token, inner.name, undefined, inner.parameters, undefined, body);
      if (ts.isMethodDeclaration(inner)) return f.updateMethodDeclaration(inner, rest(inner.modifiers), token, inner.name, undefined, undefined, inner.parameters, undefined, body);
      const expression = f.createFunctionExpression(undefined, token, undefined, undefined, inner.parameters, undefined, body);
      if (ts.isFunctionExpression(inner)) return expression;
      return f.createCallExpression(f.createPropertyAccessExpression(f.createParenthesizedExpression(expression), 'bind'), undefined, [f.createThis()]);
    };
    return ts.visitEachChild(root, visitIn(false), context);
  }
}

/** A parameter or a local variable that holds a function. */
function isHandedIn(name: ts.Identifier): boolean {
  for (let at: ts.Node = name; !ts.isSourceFile(at); at = at.parent) if ((isFunc(at) || ts.isConstructorDeclaration(at)) && binds(at, name.text)) return true;
  return false;
}

function binds(func: ts.Node, name: string): boolean {
  let found = false;
  const look = (node: ts.Node): void => {
    if ((ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node)) && ts.isIdentifier(node.name) && node.name.text === name) found = true;
    if (!found) ts.forEachChild(node, look);
  };
  look(func);
  return found;
}

/** What `map` calls for each element. */
function isMapped(node: Func): boolean {
  return ts.isCallExpression(node.parent) && calleeOf(node.parent) === 'map' && node.parent.arguments[0] === node;
}

function hasMapped(node: ts.CallExpression, isGenerator: (node: Func) => boolean): boolean {
  const [first] = node.arguments;
  return first !== undefined && isFunc(first) && isGenerator(first) && calleeOf(node) === 'map';
}
