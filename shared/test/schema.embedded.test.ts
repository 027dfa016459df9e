import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dumpSchema } from "../src/backing/postgres/dump-schema.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const SCHEMA_FILE = fileURLToPath(new URL("../migrations/schema.sql", import.meta.url));

describe("the schema", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it("is the one in shared/migrations/schema.sql (renew it: npx vitest run --project embedded shared/test/schema --update)", async () => {
    await expect(await dumpSchema(database)).toMatchFileSnapshot(SCHEMA_FILE);
  });
});

describe("a dump of a schema", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
  });
  afterAll(() => database.close());

  it("shows everything that a migration can make", async () => {
    await database.execute(`
      create type mood as enum ('good', 'bad');
      create domain share as numeric check (value between 0 and 1);
      create table films (
        id bigint generated always as identity primary key,
        title text not null default 'untitled',
        mood mood,
        part share,
        loud text generated always as (upper(title)) stored,
        constraint title_short check (length(title) < 100)
      );
      create table days (film_id bigint references films on delete cascade, day date not null) partition by range (day);
      create table days_2024 partition of days for values from ('2024-01-01') to ('2025-01-01');
      create unlogged table scratch (id integer) with (fillfactor = 50);
      create unique index films_title on films (lower(title)) where mood = 'good';
      create view good as select id from films where mood = 'good';
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger films_stay before delete on films for each row execute function refuse();
      comment on table films is 'what it''s about';
      comment on column films.title is 'as released';
      grant select, insert on films to public;`);
    expect(await dumpSchema(database)).toMatchInlineSnapshot(`
      "create type mood as enum ('good', 'bad');

      create domain share as numeric CHECK (((VALUE >= (0)::numeric) AND (VALUE <= (1)::numeric)));

      CREATE OR REPLACE FUNCTION public.refuse()
       RETURNS trigger
       LANGUAGE plpgsql
      AS $function$ begin raise exception 'no'; end $function$;

      create table days (
        film_id bigint,
        day date not null,
        constraint days_film_id_fkey FOREIGN KEY (film_id) REFERENCES films(id) ON DELETE CASCADE
      ) partition by RANGE (day);

      create table days_2024 (
        film_id bigint,
        day date not null,
        constraint days_film_id_fkey FOREIGN KEY (film_id) REFERENCES films(id) ON DELETE CASCADE
      ) partition of days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

      create table films (
        id bigint not null generated always as identity,
        title text not null default 'untitled'::text,
        mood mood,
        part share,
        loud text generated always as (upper(title)) stored,
        constraint films_pkey PRIMARY KEY (id),
        constraint title_short CHECK ((length(title) < 100))
      );

      create unlogged table scratch (
        id integer
      ) with (fillfactor=50);

      CREATE UNIQUE INDEX films_title ON public.films USING btree (lower(title)) WHERE (mood = 'good'::mood);

      create view good as
       SELECT id
         FROM films
        WHERE (mood = 'good'::mood);

      CREATE TRIGGER films_stay BEFORE DELETE ON public.films FOR EACH ROW EXECUTE FUNCTION refuse();

      comment on table films is 'what it''s about';

      comment on column films.title is 'as released';

      grant insert, select on films to public;
      "
    `);
  });

  it("is the same whatever order things were made in", async () => {
    const other = await createTestDatabase({ empty: true });
    const again = await createTestDatabase({ empty: true });
    await other.execute(
      "create table a (id integer); create table b (id integer); create index b_id on b (id); create index a_id on a (id)",
    );
    await again.execute(
      "create table b (id integer); create index b_id on b (id); create table a (id integer); create index a_id on a (id)",
    );
    expect(await dumpSchema(other)).toBe(await dumpSchema(again));
    await Promise.all([other.close(), again.close()]);
  });
});
