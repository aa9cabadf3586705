/** Why a dependency does not hold: what has to be changed about which option, e.g. `NET is not set`. */
export type Unmet = string[];

type Values = ReadonlyMap<string, string>;

const TOKEN = /\s*(&&|\|\||!=|<=|>=|[!=<>()]|\$\((?:[^()]|\([^()]*\))*\)|"[^"]*"|'[^']*'|[\w.-]+)/y;

/** Judges a `depends on` expression of Kconfig by the options that are set. Empty when it holds. */
export function unmetDependencies(expression: string, values: Values): Unmet {
  return new Expression(tokensOf(expression), values).either();
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(expression); match !== null; match = TOKEN.exec(expression)) tokens.push(match[1] ?? '');
  return tokens;
}

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A parser by recursive descent that judges as it reads: || binds weakest, then &&, !, comparisons. */
class Expression {
  #at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly values: Values,
  ) {}

  either(): Unmet {
    let unmet = this.#both();
    while (this.#take('||')) {
      const right = this.#both();
      unmet = unmet.length === 0 || right.length === 0 ? [] : [...unmet, ...right];
    }
    return unmet;
  }

  #both(): Unmet {
    let unmet = this.#single();
    while (this.#take('&&')) unmet = [...unmet, ...this.#single()];
    return unmet;
  }

  #single(): Unmet {
    const start = this.#at;
    if (this.#take('!')) {
      if (this.#single().length > 0) return [];
      return [`${this.tokens.slice(start + 1, this.#at).join(' ')} is set`];
    }
    if (this.#take('(')) {
      const unmet = this.either();
      this.#take(')');
      return unmet;
    }
    return this.#comparison(this.#next());
  }

  #comparison(left: string): Unmet {
    const operator = this.tokens[this.#at];
    if (operator === undefined || !(operator === '=' || operator === '!=' || operator in COMPARE)) {
      // What the shell of kconfig answered is not in the configuration.
      return left.startsWith('$') || this.#isOn(left) ? [] : [`${left} is not set`];
    }
    this.#at++;
    const right = this.#next();
    const [a, b] = [this.#valueOf(left), this.#valueOf(right)];
    const compare = COMPARE[operator];
    const holds = compare === undefined ? (a === b) === (operator === '=') : compare(Number(a), Number(b));
    return holds ? [] : [`${left} is ${a}, needed is ${operator} ${right}`];
  }

  #isOn(symbol: string): boolean {
    return ['y', 'm'].includes(this.#valueOf(symbol));
  }

  /** A word that is no option stands for itself, as do y, n and numbers. */
  #valueOf(token: string): string {
    if (/^["']/.test(token)) return token.slice(1, -1);
    if (/^(?:[ymn]|-?\d[\w.]*)$/.test(token)) return token;
    return this.values.get(token)?.replace(/^"(.*)"$/, '$1') ?? 'n';
  }

  #take(token: string): boolean {
    if (this.tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    return this.tokens[this.#at++] ?? '';
  }
}
