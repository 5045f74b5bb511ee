/** Style sheets that are bundled with the page. */
declare module '*.css';
