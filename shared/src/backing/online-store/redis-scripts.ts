import type { Result } from "ioredis";

/**
 * KEYS are values' keys, ARGV[1] the latest moment that can be, in milliseconds since 1970, then their records in the same
 * order: each is replaced unless one that was materialised later, up to that moment, lies there. Per key one look at
 * sixteen bytes, below which it is no record, and one SET. A moment that is no number is neither later nor earlier.
 */
const WRITE = `
local latest = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local record = ARGV[i + 1]
  local present = redis.call('GETRANGE', key, 0, 15)
  local at = #present == 16 and struct.unpack('>d', present)
  if not (at and at > struct.unpack('>d', record) and at <= latest) then redis.call('SET', key, record) end
end
return #KEYS`;

/** KEYS[1] a value's key, ARGV[1] milliseconds since 1970: what was materialised earlier goes. Returns how many did. */
const RETIRE = `
local present = redis.call('GETRANGE', KEYS[1], 0, 7)
if #present == 8 and struct.unpack('>d', present) < tonumber(ARGV[1]) then return redis.call('UNLINK', KEYS[1]) end
return 0`;

/**
 * One page of SCAN, ARGV[1] its cursor, ARGV[2] its pattern, ARGV[3] its count: of the keys that begin with one of
 * ARGV[5], ARGV[6] …, up to their brace, those go that were materialised before ARGV[4]. Returns the next cursor and how
 * many went. The keys are not sent to the client, which takes twice as long; not for a cluster, where they are of many slots.
 */
const RETIRE_PAGE = `
local views = {}
for i = 5, #ARGV do views[ARGV[i]] = true end
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local gone = 0
for _, key in ipairs(page[2]) do
  local brace = string.find(key, ':{', 1, true)
  if brace and views[string.sub(key, 1, brace + 1)] then
    local present = redis.call('GETRANGE', key, 0, 7)
    if #present == 8 and struct.unpack('>d', present) < tonumber(ARGV[4]) then
      gone = gone + redis.call('UNLINK', key)
    end
  end
end
return {page[1], gone}`;

/**
 * KEYS[1] a watermark's key, KEYS[2] the set of views beside it, ARGV[1] the watermark, ARGV[2] the view, ARGV[3] the
 * latest moment that can be, in milliseconds since 1970.
 */
const CONFIRM = `
local present = redis.call('GETRANGE', KEYS[1], 0, 7)
local at = #present == 8 and struct.unpack('>d', present)
if at and at > struct.unpack('>d', ARGV[1]) and at <= tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[2])
return 1`;

export const REDIS_SCRIPTS = {
  marqueeWrite: { lua: WRITE },
  marqueeRetire: { lua: RETIRE, numberOfKeys: 1 },
  marqueeRetirePage: { lua: RETIRE_PAGE, numberOfKeys: 0 },
  marqueeConfirm: { lua: CONFIRM, numberOfKeys: 2 },
};

declare module "ioredis" {
  interface RedisCommander<Context> {
    marqueeWrite(
      count: number,
      keys: readonly string[],
      latestMs: number,
      records: readonly Buffer[],
    ): Result<number, Context>;
    marqueeRetire(key: string, olderThanMs: number): Result<number, Context>;
    marqueeRetirePage(
      cursor: string,
      pattern: string,
      count: number,
      olderThanMs: number,
      prefixes: readonly string[],
    ): Result<[cursor: string, gone: number], Context>;
    marqueeConfirm(
      key: string,
      viewsKey: string,
      watermark: Buffer,
      view: string,
      latestMs: number,
    ): Result<number, Context>;
  }
}
