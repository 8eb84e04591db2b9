-- Porthole, schema 1. Import it in phpMyAdmin as it is; importing it twice is harmless.
SET NAMES utf8mb4;

CREATE TABLE IF NOT EXISTS ph_settings (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARCHAR(255) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- cookie_until: up to this day visitors may have come back with a cookie, though identity
-- says otherwise now. retention_days: null is what config.ini says, 0 is for ever.
-- numbered: how many of its visitors have a number.
CREATE TABLE IF NOT EXISTS ph_projects (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  public_key CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret_key_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  allowed_domains TEXT NOT NULL,
  timezone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  identity VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  respect_dnt TINYINT NOT NULL,
  is_active TINYINT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  deleted_at DATETIME,
  cookie_until DATE NOT NULL DEFAULT '1000-01-01',
  retention_days INT UNSIGNED,
  numbered INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY public_key (public_key),
  UNIQUE KEY secret_key_hash (secret_key_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How large the database was, as measured last on each day.
CREATE TABLE IF NOT EXISTS ph_sizes (
  day DATE NOT NULL,
  at DATETIME NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- One random salt a project and local day; without it the day's visitor ids mean nothing.
CREATE TABLE IF NOT EXISTS ph_salts (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  salt CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (project_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- recent: bit i is set if the visitor was active i days before last_day.
-- older_day: his last active day before those that recent can show.
CREATE TABLE IF NOT EXISTS ph_visitors (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  first_day DATE NOT NULL,
  last_day DATE NOT NULL,
  recent INT NOT NULL,
  older_day DATE NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- viewed_at is the last pageview's moment, last_at that of the last activity: a page may
-- be read on for a while.
CREATE TABLE IF NOT EXISTS ph_visits (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  started_at DATETIME NOT NULL,
  viewed_at DATETIME NOT NULL,
  last_at DATETIME NOT NULL,
  hour TINYINT NOT NULL,
  channel TINYINT NOT NULL,
  pageviews INT UNSIGNED NOT NULL,
  entry_page_id BIGINT NOT NULL,
  exit_page_id BIGINT NOT NULL,
  referrer_id BIGINT NOT NULL,
  campaign_id BIGINT NOT NULL,
  device_id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  screen_id BIGINT NOT NULL,
  token_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, id),
  KEY visitor (project_id, day, visitor_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- engaged_seconds and scroll (percent) are null until the page has told them.
CREATE TABLE IF NOT EXISTS ph_pageviews (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  hour TINYINT NOT NULL,
  visit_day DATE NOT NULL,
  visit_id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  page_id BIGINT NOT NULL,
  url_hash INT UNSIGNED NOT NULL,
  engaged_seconds MEDIUMINT UNSIGNED,
  scroll TINYINT UNSIGNED,
  PRIMARY KEY (project_id, day, id),
  KEY visitor (project_id, day, visitor_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- What happened on a page or in a backend. visitor_id, visit_id and page_id are 0 if there
-- is none.
CREATE TABLE IF NOT EXISTS ph_events (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  hour TINYINT NOT NULL,
  visit_day DATE NOT NULL,
  visit_id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  page_id BIGINT NOT NULL,
  name_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, id),
  KEY visitor (project_id, day, visitor_id),
  KEY name (project_id, name_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- properties: the names of those that its events have had, as JSON.
CREATE TABLE IF NOT EXISTS ph_event_names (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  name VARCHAR(120) COLLATE utf8mb4_bin NOT NULL,
  properties TEXT COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_event_props (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  event_id BIGINT NOT NULL,
  name VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  value VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, day, event_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Who a visitor with a cookie says he is, as of last_at; traits is JSON.
CREATE TABLE IF NOT EXISTS ph_identities (
  project_id INT UNSIGNED NOT NULL,
  visitor_id BIGINT NOT NULL,
  user_id VARCHAR(120) COLLATE utf8mb4_bin NOT NULL,
  traits TEXT,
  first_at DATETIME NOT NULL,
  last_at DATETIME NOT NULL,
  PRIMARY KEY (project_id, visitor_id),
  KEY user (project_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How many visitors active on day were active on prev_day before that, and on no day
-- between (1000-01-01: on none). slot spreads one day's writes over 16 rows.
CREATE TABLE IF NOT EXISTS ph_visitor_days (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  prev_day DATE NOT NULL,
  slot TINYINT NOT NULL,
  visitors INT NOT NULL,
  PRIMARY KEY (project_id, day, prev_day, slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- A closed day, all its visits and pageviews counted. parts: how many of the parts of
-- its stats are made, in order. has_visitors: of its visitors the rows of those who will
-- not come back are still there. has_numbers: the packed day tells them by numbers.
-- is_pruned: its rows are deleted, or will be.
CREATE TABLE IF NOT EXISTS ph_days (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  parts TINYINT NOT NULL,
  has_visitors TINYINT NOT NULL,
  has_numbers TINYINT NOT NULL DEFAULT 0,
  is_pruned TINYINT NOT NULL,
  pageviews BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  bounces BIGINT NOT NULL,
  views BIGINT NOT NULL,
  seconds BIGINT NOT NULL,
  seconds_engaged BIGINT NOT NULL,
  PRIMARY KEY (project_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Views and visitors by the hour of the view, the rest by that in which a visit began.
CREATE TABLE IF NOT EXISTS ph_day_hours (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  hour TINYINT NOT NULL,
  pageviews INT UNSIGNED NOT NULL,
  visitors INT UNSIGNED NOT NULL,
  visits INT UNSIGNED NOT NULL,
  bounces INT UNSIGNED NOT NULL,
  views BIGINT NOT NULL,
  seconds BIGINT NOT NULL,
  seconds_engaged BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, hour)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- A closed day by the values of a dimension (app/summaries/parts.py). value_id is the id
-- of a page, a device and so on; of those that have one label, one. Of events, pageviews
-- is how many there were, and value_id 0 all of them.
CREATE TABLE IF NOT EXISTS ph_day_stats (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  dimension TINYINT NOT NULL,
  value_id BIGINT NOT NULL,
  pageviews INT UNSIGNED NOT NULL,
  visits INT UNSIGNED NOT NULL,
  visitors INT UNSIGNED NOT NULL,
  bounces INT UNSIGNED NOT NULL,
  PRIMARY KEY (project_id, day, dimension, value_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- A month, by its first day, whose days are all closed. parts: how many of the parts of
-- its stats are made, in order. has_sets: and of all of these the visitors' sets.
CREATE TABLE IF NOT EXISTS ph_months (
  project_id INT UNSIGNED NOT NULL,
  month DATE NOT NULL,
  parts TINYINT NOT NULL,
  has_sets TINYINT NOT NULL,
  PRIMARY KEY (project_id, month)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The sums of ph_day_stats over the days of a month; visitors are those of each day.
CREATE TABLE IF NOT EXISTS ph_month_stats (
  project_id INT UNSIGNED NOT NULL,
  month DATE NOT NULL,
  dimension TINYINT NOT NULL,
  value_id BIGINT NOT NULL,
  pageviews BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  visitors BIGINT NOT NULL,
  bounces BIGINT NOT NULL,
  PRIMARY KEY (project_id, month, dimension, value_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Visitors with a cookie, numbered in the order in which they came.
CREATE TABLE IF NOT EXISTS ph_visitor_numbers (
  project_id INT UNSIGNED NOT NULL,
  visitor_id BIGINT NOT NULL,
  number INT UNSIGNED NOT NULL,
  PRIMARY KEY (project_id, visitor_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- By the values of a dimension, as ph_month_stats: the numbers of the visitors of a
-- month, as app/packed/visitor_set.py packs them.
CREATE TABLE IF NOT EXISTS ph_month_sets (
  project_id INT UNSIGNED NOT NULL,
  month DATE NOT NULL,
  dimension TINYINT NOT NULL,
  value_id BIGINT NOT NULL,
  visitors MEDIUMBLOB NOT NULL,
  PRIMARY KEY (project_id, month, dimension, value_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How the pages of a closed day were looked at: those with views that told it, how many
-- these are, and the seconds and scroll of all of them by page (app/packed/looks.py).
CREATE TABLE IF NOT EXISTS ph_day_engagement (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  pages MEDIUMBLOB NOT NULL,
  views MEDIUMBLOB NOT NULL,
  seconds MEDIUMBLOB NOT NULL,
  scroll MEDIUMBLOB NOT NULL,
  PRIMARY KEY (project_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The same of a month, by page (0: all of them): how many views there are, and how many
-- of them had each number of seconds, and scroll (app/packed/histogram.py).
CREATE TABLE IF NOT EXISTS ph_month_engagement (
  project_id INT UNSIGNED NOT NULL,
  month DATE NOT NULL,
  page_id BIGINT NOT NULL,
  views BIGINT NOT NULL,
  seconds MEDIUMBLOB NOT NULL,
  scroll MEDIUMBLOB NOT NULL,
  PRIMARY KEY (project_id, month, page_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How many of the visitors of a day, in a visit that began before midnight, had the same
-- value on prev_day too, and on no day between.
CREATE TABLE IF NOT EXISTS ph_day_repeats (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  dimension TINYINT NOT NULL,
  value_id BIGINT NOT NULL,
  prev_day DATE NOT NULL,
  visitors INT NOT NULL,
  PRIMARY KEY (project_id, day, dimension, value_id, prev_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The visits that began on a closed day and their views, by column (app/packed/): what
-- filters read in place of rows. They are deleted with the rows.
CREATE TABLE IF NOT EXISTS ph_packed_days (
  project_id INT UNSIGNED NOT NULL,
  field TINYINT NOT NULL,
  day DATE NOT NULL,
  numbers MEDIUMBLOB NOT NULL,
  PRIMARY KEY (project_id, field, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Something was written that concerns a day long over: its stats are to be made anew. Each
-- write has a mark of its own, so that none waits for another. 1000-01-01: all days.
CREATE TABLE IF NOT EXISTS ph_late (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_pages (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  scheme VARCHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  host VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  path VARCHAR(1024) COLLATE utf8mb4_bin NOT NULL,
  title VARCHAR(512) COLLATE utf8mb4_bin NOT NULL,
  titled_at DATETIME NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_referrers (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  url VARCHAR(1024) COLLATE utf8mb4_bin NOT NULL,
  host VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  category VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_campaigns (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  utm_source VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  utm_medium VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  utm_campaign VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  utm_term VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  utm_content VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_devices (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  type VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  os VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  os_version VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  browser VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  browser_version VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_places (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  country_code CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  country VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  region VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
  city VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- id is a keyed hash of a /24 or /48: it saves looking the place up, and names no address.
CREATE TABLE IF NOT EXISTS ph_networks (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_screens (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  screen VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  language VARCHAR(35) COLLATE utf8mb4_bin NOT NULL,
  timezone VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Beacons that were understood and not counted; page_id is 0 for a page not known, and
-- robot is other after the first 200 rows of a day.
CREATE TABLE IF NOT EXISTS ph_drops (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  reason VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  robot VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  page_id BIGINT NOT NULL,
  beacons INT UNSIGNED NOT NULL,
  PRIMARY KEY (project_id, day, reason, robot, page_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How often it occurred is the sum of its kinds. offered counts the reports that came for
-- ph_occurrences, which keeps 200 of them.
CREATE TABLE IF NOT EXISTS ph_error_groups (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  environment VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  severity VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  error_type VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  message VARCHAR(1024) COLLATE utf8mb4_bin NOT NULL,
  file VARCHAR(512) COLLATE utf8mb4_bin NOT NULL,
  line INT UNSIGNED,
  title VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  culprit VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  components TEXT NOT NULL,
  offered BIGINT NOT NULL,
  first_seen DATETIME NOT NULL,
  last_seen DATETIME NOT NULL,
  first_release_id BIGINT NOT NULL,
  last_release_id BIGINT NOT NULL,
  resolved_at DATETIME,
  regressed_at DATETIME,
  regressed_release_id BIGINT NOT NULL,
  regressions INT NOT NULL,
  PRIMARY KEY (project_id, id),
  KEY last_seen (project_id, last_seen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- What reports have in common, as app/errors/grouping.py sees it, and the group of what
-- is new among them; kinds: how many kinds there are of it.
CREATE TABLE IF NOT EXISTS ph_error_keys (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  kinds INT NOT NULL,
  PRIMARY KEY (project_id, id),
  KEY grouped (project_id, group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The kinds of reports in a group: what it can be split into. is_split: its group was
-- chosen for it; else it is the one of its key.
CREATE TABLE IF NOT EXISTS ph_error_kinds (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  key_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  is_split TINYINT NOT NULL,
  message VARCHAR(1024) COLLATE utf8mb4_bin NOT NULL,
  file VARCHAR(512) COLLATE utf8mb4_bin NOT NULL,
  line INT UNSIGNED,
  occurrence_count BIGINT NOT NULL,
  first_seen DATETIME NOT NULL,
  last_seen DATETIME NOT NULL,
  PRIMARY KEY (project_id, id),
  KEY grouped (project_id, group_id),
  KEY keyed (project_id, key_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_error_days (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  kind_id BIGINT NOT NULL,
  release_id BIGINT NOT NULL,
  occurrences BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, kind_id, release_id),
  KEY kind (project_id, kind_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Whom an error of a kind has met on a day.
CREATE TABLE IF NOT EXISTS ph_error_visitors (
  project_id INT UNSIGNED NOT NULL,
  kind_id BIGINT NOT NULL,
  day DATE NOT NULL,
  visitor_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, kind_id, day, visitor_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The reports that are kept: slots 0 to 199 of the group that they came into.
CREATE TABLE IF NOT EXISTS ph_occurrences (
  project_id INT UNSIGNED NOT NULL,
  group_id BIGINT NOT NULL,
  slot SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  kind_id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  visit_id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  device_id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  release_id BIGINT NOT NULL,
  occurrences INT UNSIGNED NOT NULL,
  environment VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  severity VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  url VARCHAR(2048) COLLATE utf8mb4_bin NOT NULL,
  message VARCHAR(1024) COLLATE utf8mb4_bin NOT NULL,
  stack TEXT NOT NULL,
  context TEXT NOT NULL,
  PRIMARY KEY (project_id, group_id, slot),
  KEY kind (project_id, kind_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS ph_releases (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The ids that errors' beacons had, so that a repeat is known; for a few days.
CREATE TABLE IF NOT EXISTS ph_error_beacons (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Groups made one, or one made several, by hand; numbered in order. What moved is
-- there to be undone. token: a random number, by which a change is known again.
CREATE TABLE IF NOT EXISTS ph_error_changes (
  project_id INT UNSIGNED NOT NULL,
  id INT NOT NULL,
  token BIGINT NOT NULL,
  action VARCHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  group_id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  undone_at DATETIME,
  PRIMARY KEY (project_id, id),
  KEY grouped (project_id, group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- thing: a key or a kind, that was moved from one group to another.
CREATE TABLE IF NOT EXISTS ph_error_moves (
  project_id INT UNSIGNED NOT NULL,
  change_id INT NOT NULL,
  thing VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id BIGINT NOT NULL,
  from_group_id BIGINT NOT NULL,
  to_group_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, change_id, thing, id),
  KEY moved (project_id, thing, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- The entries of each project's audit log, numbered without gaps. hash binds an entry to
-- the one before it; of its payload (action, actor, context) only the digest goes in, so
-- that payload and salt can be erased. erased_by: the entry that says so, or 0.
CREATE TABLE IF NOT EXISTS ph_audit (
  project_id INT UNSIGNED NOT NULL,
  seq BIGINT NOT NULL,
  beacon_id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  day DATE NOT NULL,
  action VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  actor VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  context TEXT COLLATE utf8mb4_bin,
  salt CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload_digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  previous CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  erased_by BIGINT NOT NULL,
  PRIMARY KEY (project_id, seq),
  UNIQUE KEY beacon (project_id, beacon_id),
  KEY day (project_id, day, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Where each audit log ends: number and hash of its newest entry.
CREATE TABLE IF NOT EXISTS ph_audit_heads (
  project_id INT UNSIGNED NOT NULL,
  seq BIGINT NOT NULL,
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (project_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- clicks is how many rows of ph_clicks the link has or, before they were pruned, had. A link with deleted_at is gone for
-- everybody, and its row goes when its clicks have gone.
CREATE TABLE IF NOT EXISTS ph_links (
  code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  destination_url VARCHAR(2048) COLLATE utf8mb4_bin NOT NULL,
  label VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  is_active TINYINT NOT NULL,
  expires_at DATETIME,
  max_clicks INT UNSIGNED,
  clicks INT UNSIGNED NOT NULL,
  created_at DATETIME NOT NULL,
  deleted_at DATETIME,
  PRIMARY KEY (code),
  UNIQUE KEY id (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- visitor_id is 0 for who asked not to be tracked, and the others 0 where unknown.
CREATE TABLE IF NOT EXISTS ph_clicks (
  project_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  id BIGINT NOT NULL,
  link_id BIGINT NOT NULL,
  at DATETIME NOT NULL,
  hour TINYINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  referrer_id BIGINT NOT NULL,
  device_id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, day, id),
  KEY link (project_id, link_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How far an import of links got: clicks up to last_click_id are here, so many, or left
-- out because their link is not.
CREATE TABLE IF NOT EXISTS ph_link_imports (
  project_id INT UNSIGNED NOT NULL,
  id INT UNSIGNED NOT NULL,
  public_key CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_link_id BIGINT NOT NULL,
  last_click_id BIGINT NOT NULL,
  clicks BIGINT NOT NULL,
  left_out BIGINT NOT NULL,
  PRIMARY KEY (project_id, id, public_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- How far an import from another system got. id and public_key are that system's own.
-- Its pageviews up to after_id are here, and those up to until_id of its visitors up to
-- last_visitor_id: so many pageviews. timezone is the one of its times.
-- Its audit entries up to audit_id are here.
CREATE TABLE IF NOT EXISTS ph_imports (
  project_id INT UNSIGNED NOT NULL,
  id INT UNSIGNED NOT NULL,
  public_key CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  timezone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_visitor_id BIGINT NOT NULL,
  after_id BIGINT NOT NULL,
  until_id BIGINT NOT NULL,
  pageviews BIGINT NOT NULL,
  audit_id BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (project_id, id, public_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- What of an error group of another system is here, and as which kind: the errors of its
-- events up to event_id; occurrences has also those that are undated, having no event.
CREATE TABLE IF NOT EXISTS ph_error_imports (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  source_id INT UNSIGNED NOT NULL,
  event_id BIGINT NOT NULL,
  occurrences BIGINT NOT NULL,
  undated BIGINT NOT NULL,
  kind_id BIGINT NOT NULL,
  PRIMARY KEY (project_id, id, source_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Who may do now what only one process at a time needs to do.
CREATE TABLE IF NOT EXISTS ph_leases (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  holder CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ends_at DATETIME NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- Up to which byte the beacons of a file of the spool are here. It is written in the
-- transaction of the beacon that ends there.
CREATE TABLE IF NOT EXISTS ph_spooled (
  file VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (file)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

INSERT IGNORE INTO ph_settings (name, value) VALUES ('cache_version', '1');
INSERT IGNORE INTO ph_settings (name, value) VALUES ('schema_version', '1');
