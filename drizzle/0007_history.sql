CREATE TABLE "database_history" (
	"began_at" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"timeline" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "authority_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Any role may ask for these. Where the service that runs Postgres has taken them away, only `fonechat restored` tells histories apart.
CREATE FUNCTION database_timeline() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN left(pg_walfile_name(pg_current_wal_lsn()), 8);
EXCEPTION WHEN feature_not_supported OR insufficient_privilege OR undefined_function THEN
  RETURN '';
END
$$;--> statement-breakpoint
INSERT INTO "database_history" ("began_at", "timeline") VALUES (clock_timestamp(), database_timeline());
