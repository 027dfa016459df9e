/**
 * A feature as Python reads it back bit for bit, and as a float: `12.0`, since its JSON tells whole numbers from others
 * by their looks. What JSON cannot say, protobuf says in words; NaN is an unknown value.
 */
export function jsonValue(value: number, isBool: boolean): string {
  if (Number.isNaN(value)) return "null";
  if (isBool) return value === 0 ? "false" : "true";
  if (Number.isInteger(value)) {
    if (Object.is(value, -0)) return "-0.0";
    const text = String(value);
    return text.includes("e") ? text : `${text}.0`;
  }
  return Number.isFinite(value) ? String(value) : value > 0 ? '"Infinity"' : '"-Infinity"';
}
