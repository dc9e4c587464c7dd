CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"auth_token" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"friendly_name" text,
	"secret" text NOT NULL,
	"internal" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "channels" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"unique_name" text,
	"friendly_name" text,
	"type" text NOT NULL,
	"attributes" text DEFAULT '{}' NOT NULL,
	"created_by" text NOT NULL,
	"members_count" integer DEFAULT 0 NOT NULL,
	"messages_count" bigint DEFAULT 0 NOT NULL,
	"last_index" bigint DEFAULT -1 NOT NULL,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"last_left_seq" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"channel_id" uuid NOT NULL,
	"member_id" uuid NOT NULL,
	"device_id" text NOT NULL,
	"delivered_index" bigint NOT NULL,
	"delivered_seq" bigint NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deliveries_channel_id_member_id_device_id_pk" PRIMARY KEY("channel_id","member_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "members" (
	"channel_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"identity" text NOT NULL,
	"role_id" uuid NOT NULL,
	"last_read_index" bigint,
	"last_read_at" timestamp (3) with time zone,
	"seq" bigint NOT NULL,
	"joined_seq" bigint NOT NULL,
	"user_seq" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"left_at" timestamp (3) with time zone,
	CONSTRAINT "members_channel_id_id_pk" PRIMARY KEY("channel_id","id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"author" text NOT NULL,
	"body" text NOT NULL,
	"attributes" text DEFAULT '{}' NOT NULL,
	"client_message_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"last_updated_by" text,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "messages_channel_id_index_pk" PRIMARY KEY("channel_id","index")
);
--> statement-breakpoint
CREATE TABLE "roles" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"friendly_name" text NOT NULL,
	"type" text NOT NULL,
	"permissions" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "services" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"friendly_name" text NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	"default_service_role_id" uuid NOT NULL,
	"default_channel_role_id" uuid NOT NULL,
	"default_channel_creator_role_id" uuid NOT NULL,
	"typing_indicator_timeout" integer DEFAULT 5 NOT NULL,
	"channel_members_limit" integer DEFAULT 100 NOT NULL,
	"user_channels_limit" integer DEFAULT 250 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"identity" text NOT NULL,
	"friendly_name" text,
	"attributes" text DEFAULT '{}' NOT NULL,
	"role_id" uuid NOT NULL,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channels" ADD CONSTRAINT "channels_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_role_id_roles_id_fk" FOREIGN KEY ("role_id") REFERENCES "public"."roles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roles" ADD CONSTRAINT "roles_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_role_id_roles_id_fk" FOREIGN KEY ("role_id") REFERENCES "public"."roles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_account" ON "api_keys" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_internal" ON "api_keys" USING btree ("account_id") WHERE "api_keys"."internal";--> statement-breakpoint
CREATE UNIQUE INDEX "channels_unique_name" ON "channels" USING btree ("service_id","unique_name") WHERE "channels"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX "channels_service" ON "channels" USING btree ("service_id","id") WHERE "channels"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX "deliveries_seen" ON "deliveries" USING btree ("seen_at");--> statement-breakpoint
CREATE UNIQUE INDEX "members_id" ON "members" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "members_user" ON "members" USING btree ("channel_id","user_id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX "members_of_user" ON "members" USING btree ("user_id","channel_id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX "members_seq" ON "members" USING btree ("channel_id","seq");--> statement-breakpoint
CREATE INDEX "members_user_seq" ON "members" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_id" ON "messages" USING btree ("id");--> statement-breakpoint
CREATE INDEX "messages_seq" ON "messages" USING btree ("channel_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_client_message_id" ON "messages" USING btree ("channel_id","author","client_message_id") WHERE "messages"."client_message_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "roles_service" ON "roles" USING btree ("service_id","id");--> statement-breakpoint
CREATE INDEX "services_account" ON "services" USING btree ("account_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "services_default" ON "services" USING btree ("account_id") WHERE "services"."is_default";--> statement-breakpoint
CREATE UNIQUE INDEX "users_identity" ON "users" USING btree ("service_id","identity");