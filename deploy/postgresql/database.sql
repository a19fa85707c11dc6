-- The two roles and the database, once, by the server's administrator: psql -f deploy/postgresql/database.sql
-- The owner is used by `db upgrade` alone. The application reads and writes rows: it can drop no table, take off no
-- trigger that keeps the history, and empty nothing.
CREATE ROLE xinjie_owner LOGIN;
CREATE ROLE xinjie LOGIN;
CREATE DATABASE xinjie OWNER xinjie_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE xinjie FROM PUBLIC;
GRANT CONNECT ON DATABASE xinjie TO xinjie;
\connect xinjie
ALTER SCHEMA public OWNER TO xinjie_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO xinjie;
ALTER DEFAULT PRIVILEGES FOR ROLE xinjie_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO xinjie;
ALTER DEFAULT PRIVILEGES FOR ROLE xinjie_owner IN SCHEMA public GRANT SELECT, USAGE ON SEQUENCES TO xinjie;
