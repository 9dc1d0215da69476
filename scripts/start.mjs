/**
 * `npm start -- ARGUMENTS`: runs `spate ARGUMENTS` from this checkout, and first installs and builds what is missing or
 * out of date. Nothing is imported before the version is known, so that an old Node gets as far as the sentence.
 */
if (Number(process.versions.node.split('.')[0]) < 18) {
  console.error(
    `spate: this is Node.js ${process.versions.node}; install Node.js 24 or newer (https://nodejs.org) and retry`,
  );
  process.exitCode = 1;
} else {
  import('./launcher/start.mjs').then(({ start }) => start(process.argv.slice(2)));
}
