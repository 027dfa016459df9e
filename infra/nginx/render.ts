/** Where the instances of serving and the scheduler are, each as host:port. */
export interface Upstreams {
  serving: readonly string[];
  scheduler: string;
}

export interface NginxOptions {
  /** Plain HTTP: a port, or address:port. With TLS it only redirects. */
  listen: string;
  tls?: { listen: string; certificate: string; certificateKey: string };
  /** Holds `upstreams.conf` and `team.conf`, read anew at each reload; absolute, or relative to the main file. */
  folder: string;
  /** Where Nginx may write: its pid file and bodies too large for memory. Absolute. */
  temporaryFolder: string;
  /** A file, or what syslog and pipes are to Nginx: /dev/stdout. */
  accessLog: string;
  errorLog: string;
  /** From one address; so many more may come in a burst. */
  requestsPerSecond: number;
  burst: number;
}

/** The Nginx of controltower's containers; what differs with TLS is left to the caller. */
export const CONTAINER_NGINX: Omit<NginxOptions, "tls"> = {
  listen: "80",
  folder: "/etc/nginx/marquee",
  temporaryFolder: "/tmp",
  accessLog: "/dev/stdout",
  errorLog: "/dev/stderr",
  requestsPerSecond: 50,
  burst: 100,
};

export const CONTAINER_TLS: NonNullable<NginxOptions["tls"]> = {
  listen: "443",
  certificate: "/etc/nginx/tls/fullchain.pem",
  certificateKey: "/etc/nginx/tls/privkey.pem",
};

/**
 * Fixed addresses in controltower's network of containers (docker-compose.controltower.yml): with names Nginx would
 * not load its settings while one of the instances is stopped.
 */
export const CONTAINER_ADDRESSES = {
  blue: "172.28.20.11:8000",
  green: "172.28.20.12:8081",
  scheduler: "172.28.20.13:8080",
  exporter: "172.28.20.14",
} as const;

/** The main file: everything but the addresses behind it and those of the team. */
export function renderNginx(options: NginxOptions): string {
  const { tls, temporaryFolder, errorLog } = options;
  return `# Made by infra/nginx/render.ts; after a change there: npx vitest run --update infra/nginx
worker_processes auto;
pid ${temporaryFolder}/nginx.pid;
error_log ${errorLog} warn;

events {
  worker_connections 4096;
}

http {
${indent(`${common(options)}

${traces()}

${accessLog(options)}

include ${options.folder}/upstreams.conf;

${server(options)}${tls ? `\n\n${redirect(options.listen)}` : ""}`)}
}
`;
}

/**
 * Who is behind Nginx. An instance that refuses or fails three times is left alone for five seconds while another is
 * there; idle connections are closed before Node's 72 s, so that no request meets a closing one.
 */
export function renderUpstreams({ serving, scheduler }: Upstreams): string {
  const instances = serving.map((address) => `  server ${address} max_fails=3 fail_timeout=5s;\n`).join("");
  return `# Made by infra/nginx/render.ts
upstream serving {
  zone serving 64k;
${instances}  keepalive 32;
  keepalive_timeout 60s;
}

upstream scheduler {
  server ${scheduler};
  keepalive 8;
}
`;
}

/** Who may reach the console and the API of the scheduler; nobody unless named. */
export function renderTeam(addresses: readonly string[]): string {
  return `${addresses.map((address) => `allow ${address};\n`).join("")}deny all;\n`;
}

function common({ temporaryFolder, requestsPerSecond }: NginxOptions): string {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${temporaryFolder}/${kind};`)
    .join("\n");
  return `default_type application/octet-stream;
server_tokens off;
${paths}

# As serving's own limit (shared/src/service/http.ts): larger bodies need not travel on.
client_max_body_size 4m;
client_body_timeout 30s;
client_header_timeout 10s;
send_timeout 30s;
keepalive_timeout 60s;
reset_timedout_connection on;

limit_req_zone $binary_remote_addr zone=public:10m rate=${requestsPerSecond}r/s;
limit_req_status 429;
limit_req_log_level warn;

gzip on;
gzip_types application/json application/javascript text/css;
gzip_min_length 1024;`;
}

/** A request's trace (W3C Trace Context): the client's where its header is well-formed, else a new one. */
function traces(): string {
  return `map $request_id $new_span {
  default "";
  "~^(?<first_half>[0-9a-f]{16})" $first_half;
}
map $http_traceparent $traceparent {
  default "00-$request_id-$new_span-01";
  "~^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" $http_traceparent;
}
map $traceparent $trace_id {
  default "";
  "~^00-(?<trace>[0-9a-f]{32})-" $trace;
}
map $http_x_request_id $forwarded_request_id {
  default $request_id;
  "~^[A-Za-z0-9._-]{1,64}$" $http_x_request_id;
}`;
}

/** One JSON object a line, under the names of our own log lines (shared/src/contracts/log-line.ts). */
function accessLog({ accessLog }: NginxOptions): string {
  return `log_format json escape=json '{"time":"$time_iso8601","level":"info","service":"nginx","instance":"nginx-$hostname",'
  '"msg":"request","traceId":"$trace_id","requestId":"$forwarded_request_id","address":"$remote_addr",'
  '"method":"$request_method","path":"$uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,'
  '"upstream":"$upstream_addr","upstreamStatus":"$upstream_status","upstreamSeconds":"$upstream_response_time"}';
access_log ${accessLog} json;`;
}

function server({ listen, tls, folder, burst }: NginxOptions): string {
  const listening = tls
    ? `listen ${tls.listen} ssl;
  ssl_certificate ${tls.certificate};
  ssl_certificate_key ${tls.certificateKey};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:10m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;`
    : `listen ${listen};`;
  return `server {
  ${listening}
  server_name _;

${indent(headers(tls !== undefined))}

${indent(proxying())}

${indent(publicLocations(burst))}

  # Console and API: the team alone.
  location / {
    include ${folder}/team.conf;
    proxy_pass http://scheduler;
    # A run's log is followed while it is written.
    proxy_read_timeout 300s;
  }

  # For the exporter.
  location = /nginx/status {
    stub_status;
    access_log off;
    allow 127.0.0.1;
    allow ${CONTAINER_ADDRESSES.exporter};
    deny all;
  }
}`;
}

function headers(tls: boolean): string {
  const always = [
    `X-Content-Type-Options "nosniff"`,
    `X-Frame-Options "DENY"`,
    `Referrer-Policy "no-referrer"`,
    ...(tls ? [`Strict-Transport-Security "max-age=31536000"`] : []),
  ];
  return always.map((header) => `add_header ${header} always;`).join("\n");
}

function proxying(): string {
  return `proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;
# Replaced, not extended: what a client claims of itself is nobody's address.
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Request-Id $forwarded_request_id;
proxy_set_header traceparent $traceparent;
proxy_connect_timeout 2s;
proxy_read_timeout 30s;
proxy_send_timeout 30s;`;
}

function publicLocations(burst: number): string {
  return `# A prediction changes nothing, so another instance may answer what one has failed to.
location ~ ^/(predict|films|models|docs)(/|$) {
  limit_req zone=public burst=${burst} nodelay;
  proxy_next_upstream error timeout http_502 http_503 non_idempotent;
  proxy_next_upstream_tries 2;
  proxy_pass http://serving;
}

# An event that has been sent may have been taken; only one that reached nobody goes to another instance.
location = /events {
  limit_req zone=public burst=${burst} nodelay;
  proxy_next_upstream error timeout;
  proxy_pass http://serving;
}

location = /health {
  proxy_next_upstream error timeout http_502 http_503;
  proxy_pass http://serving;
}

# For Prometheus, which asks each instance itself.
location = /metrics {
  return 404;
}`;
}

function redirect(listen: string): string {
  return `server {
  listen ${listen};
  server_name _;
  location / {
    return 308 https://$host$request_uri;
  }
}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
