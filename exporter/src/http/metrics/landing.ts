/** The page at `/`: what this is and where to go on. */
export function landingPage(version: string, telemetryPath: string, clusters: readonly string[]): string {
  const links = [
    [telemetryPath, 'every node of the configured clusters, the clusters and the exporter'],
    ['/metrics/fleet', 'the clusters and the exporter, without series of nodes'],
    ['/sd', 'targets for Prometheus (http_sd_configs): each node through /scrape'],
    ['/discover-cluster-nodes', "the nodes' addresses, as redis_exporter gives them"],
    ['/health', 'whether this process runs'],
    ['/-/ready', 'whether it serves'],
  ]
  const rows = links.map(
    ([path, text]) => `<li><a href="${escapeHtml(path!)}">${escapeHtml(path!)}</a> ${escapeHtml(text!)}</li>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Slotwise</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}h1{margin-bottom:0}li{margin:.3rem 0}</style>
<h1>Slotwise ${escapeHtml(version)}</h1>
<p>Prometheus exporter for Redis and Valkey Clusters. Watching ${escapeHtml(clusters.join(', ') || 'a single node')}.</p>
<ul>
${rows.join('\n')}
<li><code>/scrape?target=redis://host:port</code> one node</li>
</ul>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
