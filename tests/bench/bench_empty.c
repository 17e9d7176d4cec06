/* bench_empty: what loading the libraries that dxcp is linked to costs. */
int main(void)
{
	return 0;
}
